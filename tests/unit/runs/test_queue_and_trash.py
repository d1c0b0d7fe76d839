"""Runs that wait, in an order that outlives every process; stopped, renamed, annotated and deleted runs."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from full_disk import full_disk
from inkproof.config import Config, load_recipe
from inkproof.errors import (
    InkproofError,
    NoteError,
    NotResumableError,
    QueueFullError,
    RunExistsError,
    UnknownTrashError,
)
from inkproof.runs import (
    RECORD_FILE,
    STOP_FILE,
    Run,
    RunIndex,
    RunQueue,
    RunRecord,
    Trash,
    create_run,
    list_one,
    list_runs,
    open_run,
)
from inkproof.runs import queue as queue_module
from inkproof.runs.queue import QUEUE_FILE


@pytest.fixture
def config() -> Config:
    return load_recipe("softmax")


@pytest.fixture
def queue(tmp_path: Path, config: Config) -> RunQueue:
    """Three runs wait: a, b, c."""
    queue = RunQueue(tmp_path)
    for name in ("a", "b", "c"):
        queue.enqueue(config, name)
    return queue


def names(queue: RunQueue) -> list[str]:
    return [run.name for run in queue.waiting()]


# ── the queue ──────────────────────────────────────────────────────────────────────────────────────


def test_no_folder_holds_no_queue_and_is_not_made(tmp_path: Path) -> None:
    assert RunQueue(tmp_path / "nowhere").waiting() == []
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"order": 3}', b'{"order": [3, null, "nobody"]}', b"\xff"])
def test_without_its_file_the_queue_is_by_age(tmp_path: Path, queue: RunQueue, content: bytes) -> None:
    queue.reorder(["c", "a"])
    assert names(queue) == ["c", "a", "b"]

    (tmp_path / QUEUE_FILE).write_bytes(content)

    assert names(queue) == ["a", "b", "c"]


def test_a_run_that_is_copied_into_the_folder_waits_behind_the_others(
    tmp_path: Path, queue: RunQueue, config: Config
) -> None:
    other = create_run(config, tmp_path / "elsewhere", "d", "queued")
    other.folder.rename(tmp_path / "d")

    assert names(queue) == ["a", "b", "c", "d"]


def test_runs_queued_side_by_side_all_wait(tmp_path: Path, config: Config) -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda _: RunQueue(tmp_path).enqueue(config).name, range(16)))

    assert len(set(made)) == 16
    assert sorted(names(RunQueue(tmp_path))) == sorted(made)


def test_a_queue_takes_no_more_than_it_can(tmp_path: Path, config: Config, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue_module, "MAX_WAITING", 2)
    queue = RunQueue(tmp_path)
    for _ in range(2):
        queue.enqueue(config)

    with pytest.raises(QueueFullError, match=r"^2 runs are waiting; at most 2 can\.$"):
        queue.enqueue(config)
    assert len(list_runs(tmp_path)) == 2


@pytest.mark.parametrize(("name", "note", "error"), [("a", None, RunExistsError), ("d", "x" * 4_001, NoteError)])
def test_what_cannot_be_queued_leaves_nothing(
    tmp_path: Path, queue: RunQueue, config: Config, name: str, note: str | None, error: type[Exception]
) -> None:
    with pytest.raises(error, match=r"already a run 'a'|has 4,001 characters; at most 4,000"):
        queue.enqueue(config, name, note)

    assert sorted(run.name for run in queue.waiting()) == ["a", "b", "c"]
    assert not (tmp_path / "d").exists()


@pytest.mark.parametrize("status", ["interrupted", "failed", "queued"])
def test_an_ended_run_waits_again_and_one_that_waits_goes_behind(tmp_path: Path, queue: RunQueue, status: str) -> None:
    run = open_run("a", tmp_path)
    run.update(status=status, message="why", step=7)

    queue.add(run)

    assert names(queue) == ["b", "c", "a"]
    assert run.record.step == 7


@pytest.mark.parametrize(("status", "reason"), [("finished", "is finished"), ("diverged", "diverged, and")])
def test_a_run_that_is_done_does_not_wait(tmp_path: Path, queue: RunQueue, status: str, reason: str) -> None:
    run = open_run("a", tmp_path)
    run.update(status=status)

    with pytest.raises(NotResumableError, match=reason):
        queue.add(run)


def test_a_renamed_run_keeps_its_place(tmp_path: Path, queue: RunQueue) -> None:
    queue.reorder(["c", "b", "a"])

    queue.rename(open_run("b", tmp_path), "neu")

    assert names(queue) == ["c", "neu", "a"]


# ── stop, rename, note ─────────────────────────────────────────────────────────────────────────────


def test_stop_takes_a_run_out_of_the_queue_and_leaves_others_alone(tmp_path: Path, queue: RunQueue) -> None:
    open_run("b", tmp_path).stop()
    open_run("b", tmp_path).stop()

    assert names(queue) == ["a", "c"]
    assert open_run("b", tmp_path).record.status == "interrupted"


def test_stop_waits_until_whoever_trains_has_ended(tmp_path: Path, config: Config) -> None:
    run = create_run(config, tmp_path)
    with run.hold():
        stopping = threading.Thread(target=Run(run.folder).stop)
        stopping.start()
        while not run.is_asked_to_stop:
            pass
        assert stopping.is_alive()
        run.update(status="interrupted")
    stopping.join(5)

    assert not stopping.is_alive()
    assert (run.folder / STOP_FILE).exists()
    run.forget_stop()
    assert not run.is_asked_to_stop


def test_a_renamed_run_is_the_same_object_at_its_new_place(tmp_path: Path, config: Config) -> None:
    run = create_run(config, tmp_path, "old")
    with run.hold():
        pass

    run.rename("neu")

    assert (run.name, run.record.name, run.folder) == ("neu", "neu", tmp_path / "neu")
    with run.hold():
        assert Run(tmp_path / "neu").is_busy()
    assert [listed.run.name for listed in list_runs(tmp_path)] == ["neu"]


def test_a_name_that_is_taken_is_left_whole(tmp_path: Path, queue: RunQueue) -> None:
    with pytest.raises(RunExistsError, match=r"^There is already a run 'b' in '.*'\.$"):
        open_run("a", tmp_path).rename("b")

    assert names(queue) == ["a", "b", "c"]


def test_a_broken_folder_can_be_renamed_too(tmp_path: Path) -> None:
    (tmp_path / "broken" / "timeline").mkdir(parents=True)

    Run(tmp_path / "broken").rename("mended")

    assert (tmp_path / "mended").is_dir()


@pytest.mark.parametrize(
    ("text", "kept"), [("words", "words"), ("  字 \n", "字"), ("", None), (None, None), ("a\ud800", "a?")], ids=repr
)
def test_a_note_is_kept_without_space_around_it(
    tmp_path: Path, config: Config, text: str | None, kept: str | None
) -> None:
    run = create_run(config, tmp_path)
    run.write_note("before")

    run.write_note(text)

    assert run.note == kept


# ── the index ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "change",
    [
        lambda run: run.update(step=3),
        lambda run: run.write_note("x"),
        lambda run: (run.folder / RECORD_FILE).write_text("{"),
        lambda run: (run.folder / RECORD_FILE).unlink(),
        lambda run: (run.folder / "network.onnx").write_bytes(b""),
    ],
    ids=["record", "note", "damage", "loss", "network"],
)
def test_an_index_reads_again_what_changed_and_nothing_else(
    tmp_path: Path, queue: RunQueue, change: Callable[[Run], Any]
) -> None:
    index = RunIndex(tmp_path)
    before = {listed.run.name: listed for listed in index.list()}
    assert all(before[listed.run.name] is listed for listed in index.list())

    change(open_run("b", tmp_path))
    after = {listed.run.name: listed for listed in index.list()}

    assert (after["a"] is before["a"], after["b"] is before["b"]) == (True, False)
    assert {name: entry.status for name, entry in after.items()} == {
        listed.run.name: listed.status for listed in list_runs(tmp_path)
    }


def test_an_index_sees_a_training_die(tmp_path: Path, config: Config) -> None:
    index, run = RunIndex(tmp_path), create_run(config, tmp_path)
    with run.hold():
        assert index.list()[0].status == "running"

    assert index.list()[0].status == "interrupted"


# ── the trash ──────────────────────────────────────────────────────────────────────────────────────


def test_the_name_brings_back_the_last_deleted_of_that_name(tmp_path: Path, config: Config) -> None:
    trash = Trash(tmp_path)
    for note in ("first", "last"):
        run = create_run(config, tmp_path, "a")
        run.write_note(note)
        trash.put(run)

    assert trash.restore("a").note == "last"
    assert trash.restore("a").name == "a-2"
    with pytest.raises(UnknownTrashError, match=r"^There is no deleted run 'a'\.$"):
        trash.restore("a")
    assert Run(tmp_path / "a-2").record.name == "a-2"


def test_tensorboard_finds_no_deleted_run_and_all_of_one_that_came_back(tmp_path: Path, config: Config) -> None:
    run = create_run(config, tmp_path, "a")
    (run.folder / "logs").mkdir()
    for name in ("events.out.tfevents.1.host", "projector_config.pbtxt"):
        (run.folder / "logs" / name).write_bytes(b"x")

    Trash(tmp_path).put(run)
    assert list(tmp_path.rglob("*tfevents*")) == []
    Trash(tmp_path).restore("a")

    logs = {path.name for path in (tmp_path / "a" / "logs").iterdir()}
    assert logs == {"events.out.tfevents.1.host", "projector_config.pbtxt"}


def test_what_was_deleted_a_day_ago_goes_for_good(tmp_path: Path, config: Config) -> None:
    trash = Trash(tmp_path)
    trash.put(create_run(config, tmp_path, "old"))
    (entry,) = (tmp_path / ".trash").iterdir()
    entry.rename(entry.with_name(f"00000abcdef01-{entry.name.partition('-')[2]}"))

    kept = trash.put(create_run(config, tmp_path, "new"))

    assert [trashed.name for trashed in trash.list()] == ["new"]
    assert kept.kept_until - kept.deleted_at == timedelta(days=1)
    assert trash.empty(older_than=timedelta()) == 1
    assert list((tmp_path / ".trash").iterdir()) == []


@pytest.mark.parametrize("trash_id", ["", "..", "../a", "00000abcdef01-..", "nobody"])
def test_an_id_never_leads_out_of_the_trash(tmp_path: Path, config: Config, trash_id: str) -> None:
    create_run(config, tmp_path, "a")

    with pytest.raises(UnknownTrashError, match=r"^There is no deleted run '"):
        Trash(tmp_path).restore(trash_id)


def test_a_foreign_folder_in_the_trash_is_left_alone(tmp_path: Path) -> None:
    for name in ("mine", "20200101T000000000000-a"):
        (tmp_path / ".trash" / name).mkdir(parents=True)

    assert Trash(tmp_path).list() == []
    assert Trash(tmp_path).empty(older_than=timedelta()) == 0
    assert len(list((tmp_path / ".trash").iterdir())) == 2


@pytest.mark.parametrize("character", ["a", "字"])
def test_the_longest_names_are_deleted_and_restored_too(tmp_path: Path, config: Config, character: str) -> None:
    for _ in range(3):
        Trash(tmp_path).put(create_run(config, tmp_path, character * 80))

    restored = [Trash(tmp_path).restore(character * 80).name for _ in range(3)]

    assert restored == [character * 80, character * 78 + "-2", character * 78 + "-3"]
    assert {open_run(name, tmp_path).record.name for name in restored} == set(restored)


def test_of_many_who_delete_or_restore_a_run_at_once_one_does(tmp_path: Path, config: Config) -> None:
    create_run(config, tmp_path, "a")

    def attempt(do: Callable[[], object]) -> str:
        try:
            do()
        except InkproofError as error:
            return error.code
        return "done"

    with ThreadPoolExecutor(8) as pool:
        deleted = list(pool.map(attempt, [lambda: Trash(tmp_path).put(open_run("a", tmp_path))] * 8))
        assert [entry.name for entry in tmp_path.iterdir()] == [".trash"]
        restored = list(pool.map(attempt, [lambda: Trash(tmp_path).restore("a")] * 8))

    assert (deleted.count("done"), restored.count("done")) == (1, 1)
    assert {*deleted, *restored} <= {"done", "unknown_run", "unknown_trash", "run_busy"}
    assert [entry.status for entry in list_runs(tmp_path)] == ["interrupted"]


def test_a_run_is_renamed_and_restored_on_a_full_disk_too(tmp_path: Path, config: Config) -> None:
    run = create_run(config, tmp_path, "a")

    with full_disk():
        run.rename("b")
        Trash(tmp_path).put(run)
        (tmp_path / "b").mkdir()
        restored = Trash(tmp_path).restore("b")

    assert (restored.name, list_one(restored).status) == ("b-2", "interrupted")


@pytest.mark.parametrize("is_relative", [False, True], ids=["absolute", "relative"])
def test_of_a_linked_run_the_link_is_renamed_deleted_and_restored(
    tmp_path: Path, config: Config, is_relative: bool
) -> None:
    runs_dir, elsewhere = tmp_path / "runs", create_run(config, tmp_path / "elsewhere", "a").folder
    runs_dir.mkdir()
    (runs_dir / "a").symlink_to(Path("..") / "elsewhere" / "a" if is_relative else elsewhere)

    open_run("a", runs_dir).rename("b")
    Trash(runs_dir).put(open_run("b", runs_dir))
    Trash(runs_dir).restore("b")
    assert open_run("b", runs_dir).record.name == "b"
    Trash(runs_dir).put(open_run("b", runs_dir))
    assert Trash(runs_dir).empty(older_than=timedelta()) == 1

    assert list((runs_dir / ".trash").iterdir()) == []
    assert (elsewhere / RECORD_FILE).is_file()


class EndingWhileRead(Run):
    """A run whose training forgets that it was asked to stop just after its record was read."""

    @property
    def record(self) -> RunRecord:
        found = super().record
        self.forget_stop()
        return found


def test_a_training_that_ends_while_it_is_listed_is_still_listed_as_stopping(tmp_path: Path, config: Config) -> None:
    run = create_run(config, tmp_path)

    with run.hold():
        run.stop(wait=False)
        listed = list_one(EndingWhileRead(run.folder))

    assert (listed.status, listed.is_stopping) == ("running", True)
