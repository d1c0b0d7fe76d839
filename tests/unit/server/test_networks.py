"""Which file answers for a run, and the store of loaded networks."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from inkproof.errors import BrokenRunError, NetworkFileError, UnknownStepError
from inkproof.networks import Network
from inkproof.server.networks import NetworkStore, find_network, read_step, step_of, timeline_steps
from small_runs import make_run, write_network


def test_the_newest_network_is_the_finished_one_then_the_published_one_then_the_last_kept(tmp_path: Path) -> None:
    run = make_run(tmp_path, "run")
    write_network(run.folder / "newest.onnx", step=70)

    found = []
    for name in ("network.onnx", "newest.onnx", "timeline/step-000100.onnx", "timeline/step-000000.onnx"):
        found.append(find_network(run, None).relative_to(run.folder).as_posix())
        (run.folder / name).unlink()

    assert found == ["network.onnx", "newest.onnx", "timeline/step-000100.onnx", "timeline/step-000000.onnx"]
    with pytest.raises(BrokenRunError, match="has no network yet"):
        find_network(run, None)


def test_the_last_step_is_answered_by_the_finished_network_where_the_timeline_lacks_it(tmp_path: Path) -> None:
    run = make_run(tmp_path, "run")
    (run.folder / "timeline" / "step-000100.onnx").unlink()

    assert find_network(run, 100).name == "network.onnx"
    with pytest.raises(UnknownStepError, match="did not keep its network at step 99"):
        find_network(run, 99)


def test_only_whole_files_of_the_timeline_count(tmp_path: Path) -> None:
    run = make_run(tmp_path, "run")
    (run.folder / "timeline" / ".step-000200.onnx.7.tmp").touch()
    (run.folder / "timeline" / "step-x.onnx").touch()

    assert timeline_steps(run) == [0, 100]


@pytest.mark.parametrize("step", [0, 7, 2000, 123_456_789])
def test_the_step_is_read_from_the_end_of_a_file_as_from_the_network(tmp_path: Path, step: int) -> None:
    path = write_network(tmp_path / "network.onnx", step=step)

    assert read_step(path) == step_of(Network.load(path)) == step
    assert read_step(tmp_path / "missing.onnx") is None


def test_the_store_keeps_the_last_used_and_loads_a_replaced_file_anew(tmp_path: Path) -> None:
    paths = [write_network(tmp_path / f"{n}.onnx", step=n) for n in range(3)]
    store = NetworkStore(capacity=2)

    first = store.get(paths[0])
    store.get(paths[1])
    assert store.get(paths[0]) is first
    store.get(paths[2])
    assert len(store) == 2
    assert store.get(paths[0]) is first

    write_network(tmp_path / "new", step=9).replace(paths[0])
    assert step_of(store.get(paths[0])) == 9


def test_the_store_stays_within_its_bytes(tmp_path: Path) -> None:
    store = NetworkStore(max_bytes=50_000)  # a file has 31 kB
    for n in range(3):
        store.get(write_network(tmp_path / f"{n}.onnx"))

    assert len(store) == 1


def test_of_many_who_want_a_network_at_once_one_loads_it(tmp_path: Path) -> None:
    path = write_network(tmp_path / "network.onnx")
    store = NetworkStore()
    found: list[Network] = []
    threads = [threading.Thread(target=lambda: found.append(store.get(path))) for _ in range(16)]

    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(found) == 16
    assert len(set(map(id, found))) == 1


def test_a_broken_file_is_an_error_each_time_and_can_be_mended(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    path.write_bytes(b"broken")
    store = NetworkStore()

    for _ in range(2):
        with pytest.raises(NetworkFileError, match="is not a whole ONNX network"):
            store.get(path)
    write_network(path)
    assert store.get(path).classes == tuple("0123456789")
    path.unlink()
    with pytest.raises(NetworkFileError, match="cannot be read: No such file"):
        store.get(path)
