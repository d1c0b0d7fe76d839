"""Distributions over time: read from event files as trainings write them, laid on one grid."""

from __future__ import annotations

import struct
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.histogram.metadata import create_summary_metadata
from tensorboard.util.tensor_util import make_tensor_proto

from inkproof.runs.events import copy_events, read_events
from inkproof.server.distributions import read_distributions


def histogram(tag: str, *buckets: tuple[float, float, float]) -> Summary.Value:
    metadata = create_summary_metadata(display_name=None, description=None)
    return Summary.Value(tag=tag, metadata=metadata, tensor=make_tensor_proto(np.array(buckets, np.float64)))


def event(step: int, *values: Summary.Value) -> Event:
    return Event(step=step, summary=Summary(value=values))


def record(content: bytes) -> bytes:
    return struct.pack("<QI", len(content), 0) + content + struct.pack("<I", 0)


def write(folder: Path, *events: Event, name: str = "events.out.tfevents.1") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_bytes(b"".join(record(one.SerializeToString()) for one in events))
    return path


def test_steps_lie_on_one_grid_around_all_of_them(tmp_path: Path) -> None:
    early, late = (-1.0, 1.0, 100.0), (1.0, 3.0, 100.0)
    write(tmp_path, event(0, histogram("dense/weights", early)), event(10, histogram("dense/weights", late)))

    (found,) = read_distributions(tmp_path)

    assert (found.layer, found.kind, found.steps) == ("dense", "weights", [0, 10])
    assert (found.low, found.high) == pytest.approx((-1, 3), abs=0.01)
    shares = np.array(found.shares)
    assert shares.shape == (2, 48)
    np.testing.assert_allclose(shares.sum(axis=1), 1, atol=0.002)
    np.testing.assert_allclose(shares[0, 24:], 0, atol=0.001)
    np.testing.assert_allclose(shares[1, :24], 0, atol=0.001)
    assert found.mean == pytest.approx([0, 2])
    assert found.spread == pytest.approx([2 / 12**0.5] * 2)


def test_equal_values_are_one_bin(tmp_path: Path) -> None:
    same, spread = [(0.21, 0.21, 0.0), (0.21, 0.21, 64.0)], [(0.0, 0.4, 64.0)]
    write(tmp_path, event(0, histogram("dense/biases", *same)), event(5, histogram("dense/biases", *spread)))

    (found,) = read_distributions(tmp_path)

    assert sorted(found.shares[0])[-2:] == [0.0, 1.0]
    assert np.argmax(found.shares[0]) == 25
    assert (found.mean[0], found.spread[0]) == (pytest.approx(0.21), 0.0)


def test_values_that_never_change_have_a_grid_around_them(tmp_path: Path) -> None:
    write(tmp_path, event(0, histogram("dense/biases", (0.0, 0.0, 10.0))))

    (found,) = read_distributions(tmp_path)

    assert (found.low, found.high) == (-0.5, 0.5)


def test_layers_come_in_the_order_of_the_network(tmp_path: Path) -> None:
    tags = ["first/weights", "last/weights", "first/activations", "pooling/activations", "last/activations"]
    write(tmp_path, event(0, *(histogram(tag, (0.0, 1.0, 1.0)) for tag in tags)))

    found = [(one.layer, one.kind) for one in read_distributions(tmp_path)]

    assert found == [
        ("first", "weights"), ("first", "activations"), ("pooling", "activations"),
        ("last", "weights"), ("last", "activations"),
    ]  # fmt: skip


def test_of_many_steps_forty_are_told_the_first_and_the_last_among_them(tmp_path: Path) -> None:
    write(tmp_path, *(event(step, histogram("dense/weights", (0.0, 1.0, 1.0))) for step in range(0, 1000, 5)))

    steps = read_distributions(tmp_path)[0].steps

    assert (len(steps), steps[0], steps[-1]) == (40, 0, 995)


def test_what_a_resumed_training_logs_again_is_told_once(tmp_path: Path) -> None:
    def at(step: int, high: float) -> Event:
        return event(step, histogram("dense/weights", (0.0, high, 1.0)))

    write(tmp_path, at(0, 1), at(10, 1), at(20, 1))
    start = Event(step=11, session_log=SessionLog(status=SessionLog.START))
    write(tmp_path, start, at(20, 2), name="events.out.tfevents.2")

    assert [one.step for one, _ in read_events(tmp_path) if one.summary.value] == [0, 10, 20]
    assert read_distributions(tmp_path)[0].mean == [0.5, 0.5, 1.0]


@pytest.mark.parametrize("cut", [1, 20], ids=["in the checksum", "in the content"])
def test_a_record_cut_short_is_passed_over(tmp_path: Path, cut: int) -> None:
    first, second = (event(step, histogram("dense/weights", (0.0, 1.0, 1.0))) for step in (0, 10))
    path = write(tmp_path, first, second)
    path.write_bytes(path.read_bytes()[:-cut])

    assert read_distributions(tmp_path)[0].steps == [0]


def test_a_file_that_is_no_event_file_holds_nothing(tmp_path: Path) -> None:
    (tmp_path / "events.out.tfevents.9").write_bytes(record(b"\xff" * 40) + b"more")

    assert read_distributions(tmp_path) == []
    assert read_distributions(tmp_path / "nowhere") == []


def test_what_a_training_goes_on_to_log_is_seen(tmp_path: Path) -> None:
    write(tmp_path, event(0, histogram("dense/weights", (0.0, 1.0, 1.0))))
    assert read_distributions(tmp_path)[0].steps == [0]

    write(tmp_path, *(event(step, histogram("dense/weights", (0.0, 1.0, 1.0))) for step in (0, 10)))

    assert read_distributions(tmp_path)[0].steps == [0, 10]


def test_measurements_up_to_a_step_are_copied_and_settings_are_not(tmp_path: Path) -> None:
    settings = Summary.Value(tag="configuration/text_summary", simple_value=1)
    loss = Summary.Value(tag="loss", simple_value=2)
    write(tmp_path / "from", event(0, settings), event(5, loss), event(10, loss), event(15, loss))
    for step in (0, 100):
        (tmp_path / "from" / f"projector-{step:06d}.tsv").write_text("1")

    copy_events(tmp_path / "from", tmp_path / "to", 10)

    assert [one.step for one, _ in read_events(tmp_path / "to")] == [5, 10]
    assert [path.name for path in (tmp_path / "to").glob("*.tsv")] == ["projector-000000.tsv"]


def test_the_route_tells_them_by_run(client: TestClient, runs_dir: Path) -> None:
    write(runs_dir / "first" / "logs", event(0, histogram("dense/weights", (0.0, 1.0, 4.0))))

    answer: dict[str, Any] = client.get("/api/runs/first/distributions").json()

    assert (answer["run"], answer["distributions"][0]["layer"]) == ("first", "dense")
    assert client.get("/api/runs/second/distributions").json()["distributions"] == []
    assert client.get("/api/runs/nobody/distributions").status_code == 404


def test_reading_loads_no_tensorflow() -> None:
    code = (
        "import sys; from pathlib import Path; from inkproof.server.distributions import read_distributions\n"
        "read_distributions(Path(sys.argv[1])); assert not {'tensorflow', 'keras'} & set(sys.modules)"
    )
    logs = str(Path(__file__).parent)

    subprocess.run([sys.executable, "-c", code, logs], check=True)
