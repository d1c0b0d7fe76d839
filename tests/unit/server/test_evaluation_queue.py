"""The file of what is to be measured: kept by one server, left to the next."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkproof.server.evaluation_queue import QUEUE_FILE, EvaluationQueue

JOBS = [("first", ["clean", "edges"]), ("zweite Übung", ["clean"])]


def test_the_next_server_takes_over_what_one_has_left_in_its_order(tmp_path: Path) -> None:
    before, after = EvaluationQueue(tmp_path), EvaluationQueue(tmp_path)
    assert (before.is_left(), before.take_over()) == (False, [])
    before.write(JOBS)
    before.release()

    left = after.take_over()

    assert (left, after.take_over()) == (JOBS, [])
    after.write([])
    assert not after.is_left()


def test_a_second_server_neither_takes_nor_changes_what_another_keeps(tmp_path: Path) -> None:
    keeper, other = EvaluationQueue(tmp_path), EvaluationQueue(tmp_path)
    keeper.take_over()
    keeper.write(JOBS)

    assert other.take_over() == []
    other.write([])

    assert keeper.is_left()
    keeper.release()
    assert other.take_over() == JOBS


@pytest.mark.parametrize("content", ["", "[]", '{"jobs": 1}', '{"jobs": [{"run": "first"}]}', '{"jobs": ["first"]}'])
def test_a_damaged_file_leaves_nothing_and_is_replaced(tmp_path: Path, content: str) -> None:
    (tmp_path / QUEUE_FILE).write_text(content)
    queue = EvaluationQueue(tmp_path)

    assert queue.take_over() == []
    queue.write(JOBS)
    queue.release()

    assert EvaluationQueue(tmp_path).take_over() == JOBS


def test_a_folder_that_is_not_there_has_nothing_and_is_not_made(tmp_path: Path) -> None:
    queue = EvaluationQueue(tmp_path / "runs")

    assert not queue.is_left()
    assert not (tmp_path / "runs").exists()
