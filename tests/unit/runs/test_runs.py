"""The run folder: whole files, names, the lock, and a listing that nothing can break."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import numpy as np
import pytest

from full_disk import full_disk
from inkproof.config import Config, load_recipe
from inkproof.errors import BrokenRunError, RunBusyError, RunExistsError, RunNameError, RunsDirError, UnknownRunError
from inkproof.runs import (
    CONFIG_FILE,
    LOCK_FILE,
    METRICS_FILE,
    RECORD_FILE,
    Listed,
    Run,
    RunRecord,
    check_name,
    create_run,
    list_runs,
    open_run,
    replace_file,
    timeline_files,
)

BAD_NAMES = {
    "empty": "",
    "parent": "..",
    "this": ".",
    "path": "a/b",
    "way out": "../a",
    "absolute": "/tmp",
    "backslash": "a\\b",
    "hidden": ".a",
    "option": "-a",
    "dot at the end": "a.",
    "line break": "a\n",
    "nul": "a\0",
    "space": "a b",
    "81 characters": "a" * 81,
    # 4 bytes each in UTF-8: more than a file system takes, though not more than 80 characters.
    "320 bytes": "\N{CJK UNIFIED IDEOGRAPH-20000}" * 80,
}


@pytest.fixture
def config() -> Config:
    return load_recipe("softmax")


@pytest.fixture
def run(tmp_path: Path, config: Config) -> Run:
    return create_run(config, tmp_path)


@contextmanager
def another_process_at_work(run: Run) -> Iterator[subprocess.Popen[str]]:
    """A real process that holds the run's lock."""
    code = (
        "import sys, pathlib, inkproof.runs as runs\n"
        "with runs.Run(pathlib.Path(sys.argv[1])).hold():\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    command = [sys.executable, "-c", code, str(run.folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def only(listed: list[Listed]) -> Listed:
    assert len(listed) == 1
    return listed[0]


# ── whole files ────────────────────────────────────────────────────────────────────────────────────


def test_replace_file_puts_new_content_in_the_place_of_old(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old and long")

    replace_file(path, b"new")

    assert path.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt], ids=["full disk", "ctrl-c"])
@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_replace_file_that_fails_in_the_middle_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, error: type[BaseException]
) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")

    def fail(*arguments: object, **options: object) -> None:
        raise error("in the middle")

    monkeypatch.setattr(*((os, "fsync") if call == "fsync" else (Path, "replace")), fail)
    with pytest.raises(error, match="in the middle"):
        replace_file(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_process_killed_while_replacing_a_file_leaves_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    code = (
        "import sys, pathlib, inkproof.runs as runs\n"
        "path = pathlib.Path(sys.argv[1])\n"
        "for number in range(10**9):\n"
        "    runs.replace_file(path, bytes([65 + number % 2]) * 3_000_000)\n"
        "    if number == 3: print('going', flush=True)"
    )
    for delay_ms in (0, 7, 19):
        with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            process.stdout.readline()
            signal.sigtimedwait([], delay_ms / 1000)
            process.kill()

        content = path.read_bytes()
        assert content in (b"A" * 3_000_000, b"B" * 3_000_000)


def test_threads_that_replace_one_file_at_once_leave_one_of_their_contents(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([65 + number]) * 100_000 for number in range(8)]

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda content: [replace_file(path, content) for _ in range(10)], contents))

    assert path.read_bytes() in contents
    assert list(tmp_path.iterdir()) == [path]


# ── names ──────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", BAD_NAMES.values(), ids=BAD_NAMES.keys())
@pytest.mark.parametrize("use", [open_run, lambda name, runs_dir: create_run(load_recipe("softmax"), runs_dir, name)])
def test_a_name_that_cannot_be_a_folder_in_runs_dir_is_refused(
    tmp_path: Path, name: str, use: Callable[[str, Path], Run]
) -> None:
    runs_dir = tmp_path / "runs"

    with pytest.raises(RunNameError, match=r"cannot be the name of a run: up to 80 letters, digits, .* were expected"):
        use(name, runs_dir)

    assert list(runs_dir.glob("*")) == []


@pytest.mark.parametrize(
    "name", ["a", "tutorial-2", "v1.2", "_a", "数字", "字" * 80, "a" * 80], ids=lambda name: name[:10]
)
def test_letters_of_any_script_digits_dots_and_dashes_make_a_name(tmp_path: Path, config: Config, name: str) -> None:
    run = create_run(config, tmp_path, name)

    assert only(list_runs(tmp_path)).run.name == name
    run.delete()
    assert list(tmp_path.iterdir()) == []


def test_a_bad_name_is_answered_with_what_a_name_is() -> None:
    with pytest.raises(RunNameError, match=r"^'a/b' cannot be the name of a run") as caught:
        check_name("a/b")

    assert caught.value.hint == (
        "A run's name is the name of its folder, without the path; `--runs-dir` says where it lies."
    )
    assert caught.value.field == "name"


def test_a_name_that_is_taken_is_refused_and_the_run_left_alone(tmp_path: Path, config: Config) -> None:
    first = create_run(config, tmp_path, "mine")
    record = first.record

    with pytest.raises(RunExistsError, match=r"^There is already a run 'mine' in '.+'\.$") as caught:
        create_run(load_recipe("deep"), tmp_path, "mine")

    assert caught.value.hint == "Choose another name, or delete it with `inkproof runs delete mine`."
    assert first.record == record


def test_runs_without_a_name_are_numbered(tmp_path: Path, config: Config) -> None:
    names = [create_run(config, tmp_path).name for _ in range(3)]

    assert names == ["softmax", "softmax-2", "softmax-3"]


def test_a_number_that_became_free_is_used_again(tmp_path: Path, config: Config) -> None:
    runs = [create_run(config, tmp_path) for _ in range(3)]
    runs[1].delete()

    assert create_run(config, tmp_path).name == "softmax-2"


def test_processes_and_threads_that_begin_at_once_never_share_a_folder(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib\n"
        "from concurrent.futures import ThreadPoolExecutor\n"
        "from inkproof import config, runs\n"
        "settings = config.load_recipe('softmax')\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "with ThreadPoolExecutor(8) as pool:\n"
        "    for run in pool.map(lambda _: runs.create_run(settings, pathlib.Path(sys.argv[1])), range(24)):\n"
        "        print(run.name)"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "runs")]
    processes = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()

    names = [name for process in processes for name in process.communicate()[0].split()]

    assert sorted(names) == sorted({"softmax", *(f"softmax-{number}" for number in range(2, 97))})
    assert {listed.status for listed in list_runs(tmp_path / "runs")} == {"interrupted"}


# ── what a run says of itself ──────────────────────────────────────────────────────────────────────


def test_a_new_run_holds_its_configuration_and_its_facts(tmp_path: Path, config: Config) -> None:
    before = datetime.now(timezone.utc)
    run = create_run(config, tmp_path, "mine", git_commit="abc", versions={"numpy": "2"})

    assert run.config == config
    record = run.record
    assert (record.name, record.recipe, record.model, record.dataset) == ("mine", "softmax", "softmax", "mnist")
    assert (record.status, record.step, record.steps, record.seed) == ("running", 0, 1000, 0)
    assert (record.git_commit, record.versions) == ("abc", {"numpy": "2"})
    assert before <= record.started_at <= datetime.now(timezone.utc)
    assert record.ended_at is None


def test_update_changes_some_facts_and_keeps_the_rest(run: Run) -> None:
    before = run.record

    run.update(step=5, figures={"test_accuracy": 0.5})

    assert run.record == before.model_copy(update={"step": 5, "figures": {"test_accuracy": 0.5}})


def test_a_record_of_a_later_version_with_more_facts_is_read(run: Run) -> None:
    path = run.folder / RECORD_FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "carbon_grams": 3}))

    assert run.record.recipe == "softmax"


def test_a_copied_folder_is_a_run_of_its_own_name(run: Run) -> None:
    moved = run.folder.rename(run.folder.with_name("elsewhere"))

    assert only(list_runs(moved.parent)).run.name == "elsewhere"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "No such file or directory"),
        (b"\xff\xfe", "codec can't decode"),
        (b"steps = = 1", "The configuration is not TOML"),
        (b"recipe = 'softmax'", "The setting 'model' is .+, but field required"),
    ],
    ids=["missing", "bytes", "not toml", "incomplete"],
)
def test_a_run_without_a_readable_configuration_says_so(run: Run, content: bytes | None, reason: str) -> None:
    (run.folder / CONFIG_FILE).unlink()
    if content is not None:
        (run.folder / CONFIG_FILE).write_bytes(content)

    with pytest.raises(BrokenRunError, match=rf"^The run 'softmax' has no readable config\.toml: .*{reason}"):
        _ = run.config


# ── measurements ───────────────────────────────────────────────────────────────────────────────────


def test_metrics_are_columns_with_nan_where_nothing_was_measured(run: Run) -> None:
    rows = [
        {"step": 0, "loss": 2.5, "test_accuracy": 0.1},
        {"step": 5, "loss": None},
        {"step": 10, "loss": 1.5, "test_accuracy": 0.2},
    ]
    (run.folder / METRICS_FILE).write_text("".join(json.dumps(row) + "\n" for row in rows))

    metrics = run.metrics

    assert list(metrics) == ["step", "loss", "test_accuracy"]
    np.testing.assert_array_equal(metrics["step"], [0, 5, 10])
    np.testing.assert_array_equal(metrics["loss"], [2.5, np.nan, 1.5])
    np.testing.assert_array_equal(metrics["test_accuracy"], [0.1, np.nan, 0.2])
    assert all(column.dtype == np.float64 for column in metrics.values())


def test_a_run_that_has_not_measured_yet_has_no_columns(run: Run) -> None:
    assert run.metrics == {}


@pytest.mark.parametrize(
    "torn",
    [b'{"step": 10, "lo', b'{"step": 10, "loss": 1', b"\0\0\0\0", b"\xff\xfe", b'"step"', b"10", b"{}", b"null"],
    ids=["in a name", "in a number", "zeros", "not utf-8", "text", "number", "nothing in it", "null"],
)
def test_a_last_line_cut_short_or_damaged_is_passed_over(run: Run, torn: bytes) -> None:
    (run.folder / METRICS_FILE).write_bytes(b'{"step": 0, "loss": 2.0}\n{"step": 5, "loss": 1.0}\n' + torn)

    assert run.metrics["step"].tolist() == [0, 5]
    assert run.metrics["loss"].tolist() == [2, 1]


@pytest.mark.parametrize(
    "step",
    ["-1", "1.5", '"5"', "true", "null", "NaN", "[5]", "1" + "0" * 20, "1" + "0" * 5000],
    ids=lambda step: step[:9],
)
def test_a_measurement_at_no_step_is_passed_over(run: Run, step: str) -> None:
    (run.folder / METRICS_FILE).write_text(f'{{"step": {step}, "loss": 1.0}}\n{{"step": 5, "loss": 2.0}}\n')

    assert list(run.read_metrics()) == [{"step": 5, "loss": 2.0}]


@pytest.mark.parametrize(
    "value", ["NaN", "Infinity", "-Infinity", '"low"', "[1]", "null", "1" + "0" * 400], ids=lambda value: value[:9]
)
def test_what_is_no_finite_number_is_no_measurement(run: Run, value: str) -> None:
    (run.folder / METRICS_FILE).write_text(f'{{"step": 5, "loss": {value}, "batch_accuracy": 1}}\n')

    assert list(run.read_metrics()) == [{"step": 5, "loss": None, "batch_accuracy": 1}]
    assert np.isnan(run.metrics["loss"]).tolist() == [True]


def test_measurements_that_cannot_be_read_are_told(run: Run) -> None:
    (run.folder / METRICS_FILE).mkdir()

    with pytest.raises(
        BrokenRunError, match=r"^The metrics\.jsonl of the run 'softmax' cannot be read: Is a directory\.$"
    ):
        list(run.read_metrics())


def test_copies_in_the_timeline_are_passed_over(run: Run) -> None:
    (run.folder / "timeline").mkdir()
    for name in ("step-000100.onnx", "step-1000000.onnx", "step-000050.onnx", "step-000100 (copy).onnx", "step-x.onnx"):
        (run.folder / "timeline" / name).touch()

    assert {step: path.name for step, path in timeline_files(run.folder).items()} == {
        50: "step-000050.onnx",
        100: "step-000100.onnx",
        1_000_000: "step-1000000.onnx",
    }


# ── the listing ────────────────────────────────────────────────────────────────────────────────────


def test_a_folder_that_does_not_exist_holds_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "nowhere") == []


def test_runs_are_listed_newest_first(tmp_path: Path, config: Config) -> None:
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc)
    for name, day in (("b", 2), ("c", 3), ("a", 1)):
        create_run(config, tmp_path, name).update(started_at=begin + timedelta(days=day))

    assert [listed.run.name for listed in list_runs(tmp_path)] == ["c", "b", "a"]


def record_with(**changes: object) -> bytes:
    record = RunRecord(
        name="a", recipe="softmax", model="softmax", dataset="mnist", status="finished", steps=1, seed=0,
        started_at=datetime.now(timezone.utc),
    )  # fmt: skip
    return json.dumps({**record.model_dump(mode="json"), **changes}).encode()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, r"is not a whole run: it has no run\.json\."),
        (b"", r"The run\.json of the run 'harmed' is damaged: the file: Invalid JSON"),
        (record_with()[:100], r"is damaged: the file: Invalid JSON"),
        (b"\0" * 500, r"is damaged: the file: Invalid JSON"),
        (b"\xff\xfe\x00", r"is damaged: the file: Invalid JSON"),
        (b"[]", r"is damaged: the file: "),
        (b"{}", r"is damaged: name: Field required"),
        (record_with(status="done"), r"is damaged: status: Input should be 'queued', 'running', 'finished'"),
        (record_with(step="some"), r"is damaged: step: "),
        (record_with(format=2), r"^The run 'harmed' was written by a newer version of inkproof: .* has format 2"),
        (record_with(format=0), r"is damaged: format: "),
        (record_with(steps=-1), r"is damaged: steps: "),
        (record_with(figures={"test_accuracy": 1.2}), r"test_accuracy is 1\.2; a share from 0 to 1 was expected\.$"),
        (record_with(figures={"test_accuracy": "good"}), r"test_accuracy is 'good'; a share from 0 to 1 was expected"),
        (record_with(figures={"test_accuracy": float("nan")}), r"is damaged: figures\.test_accuracy.*finite number"),
        (record_with(figures={"num_parameters": 1.5}), r"num_parameters is 1\.5; a count was expected"),
        (record_with(timings_seconds={"training": float("inf")}), r"timings_seconds\.training: .*finite number"),
        (record_with(started_at="yesterday"), r"is damaged: started_at: "),
    ],
    ids=[
        "no record", "empty", "cut short", "zeros", "bytes", "a list", "nothing in it", "unknown status", "text step",
        "later format", "no format", "negative steps", "accuracy above 1", "text accuracy", "no accuracy",
        "half a parameter", "endless", "no date",
    ],
)  # fmt: skip
def test_a_damaged_folder_is_listed_as_broken_with_the_reason(run: Run, content: bytes | None, reason: str) -> None:
    harmed = run.folder.parent / "harmed"
    harmed.mkdir()
    if content is not None:
        (harmed / RECORD_FILE).write_bytes(content)

    listed = {entry.run.name: entry for entry in list_runs(run.folder.parent)}

    assert listed["harmed"].status == "broken"
    assert listed["harmed"].record is None
    with pytest.raises(BrokenRunError, match=reason):
        _ = listed["harmed"].run.record
    assert listed["softmax"].status == "interrupted"


@pytest.mark.parametrize(
    "started_at",
    ["0001-01-01T00:00:00", "9999-12-31T23:59:59", "2025-01-01T00:00:00", "0001-01-01T00:00:00+14:00"],
)
def test_no_date_can_break_the_listing(tmp_path: Path, run: Run, started_at: str) -> None:
    (run.folder / RECORD_FILE).write_bytes(record_with(started_at=started_at))
    create_run(load_recipe("deep"), tmp_path)

    assert {listed.run.name for listed in list_runs(tmp_path)} == {"softmax", "deep"}


def test_folders_of_others_are_listed_as_broken_and_files_and_hidden_folders_not_at_all(tmp_path: Path) -> None:
    for name in ("photographs", "run.json.d", ".deleted-a", ".git"):
        (tmp_path / name).mkdir()
    (tmp_path / "notes.txt").write_text("x")
    (tmp_path / "photographs" / RECORD_FILE).mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")

    listed = {entry.run.name: entry for entry in list_runs(tmp_path)}

    assert {name: entry.status for name, entry in listed.items()} == {"photographs": "broken", "run.json.d": "broken"}
    assert listed["photographs"].problem == "The run.json of the run 'photographs' cannot be read: Is a directory."
    assert (
        listed["run.json.d"].problem
        == f"The folder '{tmp_path / 'run.json.d'}' is not a whole run: it has no run.json."
    )


@pytest.mark.skipif(hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may read everything")
def test_a_record_that_may_not_be_read_is_listed_as_broken(run: Run) -> None:
    (run.folder / RECORD_FILE).chmod(0)

    assert only(list_runs(run.folder.parent)).problem == "The run 'softmax' cannot be read: Permission denied."


def test_a_foreign_lock_does_not_break_the_listing(run: Run) -> None:
    (run.folder / LOCK_FILE).mkdir()

    assert only(list_runs(run.folder.parent)).status == "interrupted"


def test_a_thousand_runs_are_listed_each_with_its_own_record(tmp_path: Path, config: Config) -> None:
    begin = datetime(2025, 1, 1, tzinfo=timezone.utc)
    record = create_run(config, tmp_path).update(status="finished")
    for number in range(2, 1001):
        folder = tmp_path / f"softmax-{number}"
        folder.mkdir()
        mine = record.model_copy(update={"name": folder.name, "started_at": begin + timedelta(hours=number)})
        (folder / RECORD_FILE).write_text(mine.model_dump_json() if number % 10 else "{")

    listed = list_runs(tmp_path)

    assert len(listed) == 1000
    assert sum(entry.status == "broken" for entry in listed) == 100
    whole = [entry for entry in listed if entry.record is not None]
    assert all(entry.record and entry.record.name == entry.run.name for entry in whole)
    assert [entry.run.name for entry in whole[:3]] == ["softmax", "softmax-999", "softmax-998"]


def test_an_unknown_run_is_answered_with_the_newest(tmp_path: Path, config: Config) -> None:
    for name in "abcdefg":
        create_run(config, tmp_path, name)

    with pytest.raises(UnknownRunError, match=r"^There is no run 'z' in '.+'\.$") as caught:
        open_run("z", tmp_path)

    assert caught.value.hint == "The newest are: g, f, e, d, c."


def test_without_any_run_an_unknown_one_is_answered_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownRunError, match=r"^There is no run 'z' in ") as caught:
        open_run("z", tmp_path / "nowhere")

    assert caught.value.hint == "There are no runs yet; `inkproof train` makes one."


# ── one process at a time ──────────────────────────────────────────────────────────────────────────


def test_a_run_is_busy_while_another_process_holds_it_and_interrupted_once_that_process_died(run: Run) -> None:
    with another_process_at_work(run) as process:
        assert run.is_busy()
        assert only(list_runs(run.folder.parent)).status == "running"
        process.send_signal(signal.SIGKILL)
        process.wait()

    assert not run.is_busy()
    assert run.status == "interrupted"
    assert run.record.status == "running"
    assert only(list_runs(run.folder.parent)).status == "interrupted"


def test_hold_refuses_a_run_that_another_process_holds(run: Run) -> None:
    with (
        another_process_at_work(run),
        pytest.raises(RunBusyError, match=r"^The run 'softmax' is being worked on by another process\.$"),
        run.hold(),
    ):
        pytest.fail("two at work")  # pragma: no cover


def test_hold_refuses_a_second_holder_in_another_thread(run: Run) -> None:
    def hold_again() -> None:
        with Run(run.folder).hold():
            pytest.fail("two at work")  # pragma: no cover

    with (
        run.hold(),
        ThreadPoolExecutor(1) as pool,
        pytest.raises(RunBusyError, match="worked on by another process"),
    ):
        pool.submit(hold_again).result()


def test_a_run_is_free_again_after_it_was_held_even_by_one_who_failed(run: Run) -> None:
    with pytest.raises(ZeroDivisionError, match="division"), run.hold():
        _ = 1 / 0

    assert not run.is_busy()
    with Run(run.folder).hold():
        assert run.is_busy()


@pytest.mark.parametrize("status", ["finished", "diverged", "failed", "interrupted"])
def test_a_status_other_than_running_stands_as_written(run: Run, status: str) -> None:
    run.update(status=status)

    assert run.status == status


def test_delete_refuses_a_busy_run_and_leaves_it_whole(run: Run) -> None:
    with (
        another_process_at_work(run),
        pytest.raises(RunBusyError, match=r"^The run 'softmax' is still being trained\.$") as caught,
    ):
        run.delete()

    assert caught.value.hint == "Stop it first: `inkproof stop softmax`."
    assert run.record.status == "running"


def test_delete_removes_the_folder_with_everything_in_it(run: Run) -> None:
    (run.folder / "timeline").mkdir()
    (run.folder / "timeline" / "step-000000.onnx").write_bytes(b"x")

    run.delete()

    assert list(run.folder.parent.iterdir()) == []


def test_delete_takes_a_broken_folder_too(run: Run) -> None:
    (run.folder / RECORD_FILE).write_text("{")

    open_run("softmax", run.folder.parent).delete()

    assert list(run.folder.parent.iterdir()) == []


def test_a_copy_that_a_file_manager_named_is_listed_with_what_to_do(run: Run) -> None:
    runs_dir = run.folder.parent
    shutil.copytree(run.folder, runs_dir / "softmax (copy)")

    (entry,) = [entry for entry in list_runs(runs_dir) if entry.run.name != "softmax"]
    with pytest.raises(
        RunNameError, match=r"^The folder 'softmax \(copy\)' is in '.*', but that cannot be the name"
    ) as caught:
        open_run("softmax (copy)", runs_dir)

    assert entry.status == "broken"
    assert entry.problem == (
        "'softmax (copy)' cannot be the name of a run. Rename the folder, for example to 'softmax-copy'."
    )
    subprocess.run(str(caught.value.hint).partition("`")[2].rstrip("`."), shell=True, check=True)
    assert open_run("softmax-copy", runs_dir).record.recipe == "softmax"


def test_whether_somebody_works_in_a_run_that_is_gone_does_not_make_it_anew(run: Run) -> None:
    shutil.rmtree(run.folder)

    assert not run.is_busy()
    with pytest.raises(UnknownRunError, match=r"^There is no run 'softmax' in '.*' any more\.$"), run.hold():
        pass
    assert not run.folder.exists()


def test_a_run_that_cannot_be_written_leaves_no_folder(tmp_path: Path, config: Config) -> None:
    with full_disk(), pytest.raises(OSError, match="File too large"):
        create_run(config, tmp_path, "a")

    assert list(tmp_path.iterdir()) == []


def test_list_runs_rejects_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    # given
    (tmp_path / "runs").write_text("not a folder")

    # then
    with pytest.raises(RunsDirError, match=r"The folder of runs '.*runs' cannot be read: it is a file\."):
        list_runs(tmp_path / "runs")


def test_create_run_rejects_a_file_in_place_of_the_folder(tmp_path: Path) -> None:
    # given
    (tmp_path / "runs").write_text("not a folder")

    # then
    with pytest.raises(RunsDirError, match=r"cannot be written: it is a file\.") as caught:
        create_run(load_recipe("softmax"), tmp_path / "runs")
    assert caught.value.hint == "Give another folder with `--runs-dir`."
