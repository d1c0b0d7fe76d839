"""Carrying out suites: what a network that always answers 3 scores, the same bytes again, and going on."""

from __future__ import annotations

import dataclasses
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkproof.data import Dataset, Split
from inkproof.diagnosis import suites
from inkproof.diagnosis.evaluation import Subject, evaluate, lookup, open_subject
from inkproof.errors import EvaluationError, NetworkFileError, UsageError
from networks_by_hand import write_constant
from small_runs import write_network

ALL = tuple(suites.SUITES.values())
NUM_IMAGES = 120


@pytest.fixture(scope="module")
def small(mnist: Dataset) -> Dataset:
    """MNIST with 120 test images."""
    test = Split(mnist.test.images[:NUM_IMAGES], mnist.test.labels[:NUM_IMAGES])
    return dataclasses.replace(mnist, test=test)


@pytest.fixture
def three(tmp_path: Path) -> Subject:
    return open_subject(write_constant(tmp_path / "three" / "network.onnx"), "three", tmp_path / "three")


def figures(result: dict[str, Any]) -> list[dict[str, Any]]:
    """The results of all suites without what is different each time."""
    (network,) = result["networks"]
    return [{key: value for key, value in suite.items() if key != "measured"} for suite in network["suites"].values()]


def test_a_network_that_always_answers_3_scores_the_share_of_threes(mnist: Dataset, three: Subject) -> None:
    chosen = [suites.SUITES[name] for name in ("clean", "edges")]

    (network,) = evaluate([three], mnist, chosen)["networks"]

    clean, edges = network["suites"]["clean"], network["suites"]["edges"]
    assert (clean["score"]["value"], clean["score"]["n"]) == (0.101, 10_000)  # MNIST has 1,010 threes to test
    assert clean["per_class"][3]["recall"]["value"] == 1.0
    assert clean["per_class"][3]["precision"]["value"] == 0.101
    assert clean["per_class"][4]["precision"]["value"] is None
    assert [row[3] for row in clean["confusion"]] == np.bincount(mnist.test.labels).tolist()
    assert clean["calibration"]["error"] == pytest.approx(0.91 - 0.101, abs=1e-5)
    assert clean["log_loss"]["value"] == pytest.approx(-0.101 * np.log(0.91) - 0.899 * np.log(0.01), abs=1e-4)
    assert (edges["score"]["value"], edges["score"]["n"], edges["score"]["num_digits"]) == (0.101, 80_000, 10_000)
    assert {part["value"] for part in edges["parts"].values()} == {0.101}
    assert [entry["value"] for entry in edges["per_class"]] == [0, 0, 0, 1, 0, 0, 0, 0, 0, 0]
    # always the same answer to a digit: eight placements prove no more than one
    assert edges["score"]["high"] == pytest.approx(clean["score"]["high"], abs=1e-4)


def test_every_suite_finds_that_share_among_the_digits_it_asks_about(small: Dataset, three: Subject) -> None:
    (network,) = evaluate([three], small)["networks"]

    share = round(float((small.test.labels == 3).mean()), 6)
    for name, result in network["suites"].items():
        if name != "shifts":  # there each digit counts as often as it stays whole
            assert result["score"]["value"] == share, name
    assert network["suites"]["shifts"]["parts"]["cut"]["value"] == share
    assert network["suites"]["corruptions"]["score"]["n"] == 75 * NUM_IMAGES
    assert network["suites"]["shifts"]["parts"]["cut"]["n"] == 441 * NUM_IMAGES
    assert len(network["suites"]["corruptions"]["parts"]) == 15


def test_the_same_network_gives_the_same_figures_to_the_byte(small: Dataset, tmp_path: Path) -> None:
    path = write_network(tmp_path / "network.onnx", seed=1)

    first = json.dumps(figures(evaluate([open_subject(path, "a")], small)))
    second = json.dumps(figures(evaluate([open_subject(path, "b")], small)))

    assert first == second


def test_an_interrupted_evaluation_goes_on_and_ends_with_the_same_figures(small: Dataset, tmp_path: Path) -> None:
    # given: one that was measured in one go, and one that is stopped in the middle of a suite
    path = write_network(tmp_path / "run" / "network.onnx", seed=1)
    whole = figures(evaluate([open_subject(path, "run")], small))
    subject = open_subject(path, "run", path.parent)
    seen: list[tuple[str, int, int]] = []

    def stop(suite: str, done: int, total: int) -> None:
        seen.append((suite, done, total))
        if suite == "corruptions" and len([entry for entry in seen if entry[0] == "corruptions"]) == 20:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        evaluate([subject], small, advance=stop)
    kept = {file.name for file in (tmp_path / "run" / "evaluation").iterdir()}
    assert kept == {"clean.json", "edges.json", "shifts.json", "affine.json", "corruptions.partial"}

    # when
    again: list[tuple[str, int, int]] = []
    resumed = evaluate([subject], small, advance=lambda *told: again.append(told))

    # then: it begins where it stopped, and nothing shows that it did
    assert again[0][1] >= 19 * NUM_IMAGES
    assert again[-1][1] == again[-1][2]
    assert figures(resumed) == whole
    assert not list((tmp_path / "run" / "evaluation").glob("*.partial"))


def test_what_was_measured_is_not_measured_again_unless_told_to(small: Dataset, three: Subject) -> None:
    clean = [suites.SUITES["clean"]]
    first = evaluate([three], small, clean)
    asked: list[int] = []

    second = evaluate([three], small, clean, advance=lambda _, done, __: asked.append(done))
    evaluate([three], small, clean, advance=lambda _, done, __: asked.append(done), again=True)

    assert second == first
    assert asked == [0, NUM_IMAGES]


@pytest.mark.parametrize("damage", ["", "{", "[]", '{"format": 1}', "\ufffd"])
def test_a_damaged_result_is_measured_anew(small: Dataset, three: Subject, damage: str) -> None:
    clean = [suites.SUITES["clean"]]
    first = evaluate([three], small, clean)
    assert three.folder is not None
    for name in ("clean.json", "clean.partial"):
        (three.folder / name).write_text(damage, "utf-8")

    assert figures(evaluate([three], small, clean)) == figures(first)


def test_a_result_of_another_network_is_not_taken_for_this_ones(small: Dataset, tmp_path: Path) -> None:
    clean, path = [suites.SUITES["clean"]], tmp_path / "network.onnx"
    evaluate([open_subject(write_constant(path, 3), "run", tmp_path)], small, clean)

    (network,) = evaluate([open_subject(write_constant(path, 4), "run", tmp_path)], small, clean)["networks"]

    assert network["suites"]["clean"]["confusion"][0][4] == (small.test.labels == 0).sum()


def test_a_network_for_other_images_is_refused(small: Dataset, tmp_path: Path) -> None:
    subject = open_subject(write_constant(tmp_path / "small.onnx", shape=(6, 6, 1)), "small")

    with pytest.raises(NetworkFileError, match=r"takes images of shape \(6, 6, 1\); \(28, 28, 1\) was expected"):
        evaluate([subject], small)


def test_a_network_with_other_classes_is_refused(small: Dataset, tmp_path: Path) -> None:
    subject = open_subject(write_constant(tmp_path / "few.onnx", num_classes=5), "few")

    with pytest.raises(NetworkFileError, match="knows 5 classes; 10 were expected"):
        evaluate([subject], small)


def test_a_missing_network_is_told(tmp_path: Path) -> None:
    with pytest.raises(NetworkFileError, match=r"There is no network file '.*none\.onnx'"):
        open_subject(tmp_path / "none.onnx", "none")


@pytest.mark.skipif(os.name != "posix", reason="files are limited in size by a call of POSIX")
def test_a_file_that_the_system_will_not_take_is_told(small: Dataset, three: Subject) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, limits[1]))  # as a full disk or a quota would
    try:
        with pytest.raises(EvaluationError, match=r"clean\.json' cannot be written: File too large") as caught:
            evaluate([three], small, [suites.SUITES["clean"]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert "it goes on where it stopped" in (caught.value.hint or "")
    assert three.folder is not None
    assert list(three.folder.iterdir()) == []  # no half of a file either


@pytest.mark.skipif(os.name != "posix", reason="a file where a folder should be is told otherwise elsewhere")
def test_a_folder_that_cannot_be_made_is_told(small: Dataset, three: Subject) -> None:
    assert three.folder is not None
    three.folder.write_text("in the way")

    with pytest.raises(EvaluationError, match=r"cannot be written: (Not a directory|File exists)"):
        evaluate([three], small, [suites.SUITES["clean"]])


def test_colour_is_refused_where_a_suite_is_not_defined_for_it(small: Dataset, tmp_path: Path) -> None:
    colour = np.repeat(small.test.images[:4], 3, axis=3)
    split = Split(colour, small.test.labels[:4])
    dataset = dataclasses.replace(small, train=split, test=split)
    subject = open_subject(write_constant(tmp_path / "colour.onnx", shape=(28, 28, 3)), "colour")

    evaluate([subject], dataset, [suites.SUITES["clean"]])
    with pytest.raises(UsageError, match="The suite 'edges' takes images of one channel"):
        evaluate([subject], dataset)


def test_a_part_is_looked_up_by_name(small: Dataset, three: Subject) -> None:
    (network,) = evaluate([three], small, [suites.SUITES["edges"]])["networks"]
    result = network["suites"]["edges"]

    assert lookup(result) == result["score"]
    assert lookup(result, "top_left")["n"] == NUM_IMAGES
    with pytest.raises(UsageError, match="The suite 'edges' has no part 'middle'"):
        lookup(result, "middle")


def test_an_unknown_suite_is_told_with_the_nearest() -> None:
    with pytest.raises(UsageError, match=r"There is no suite 'edge'\. Did you mean 'edges'\?"):
        suites.find_suite("edge")


@pytest.mark.parametrize("suite", ALL, ids=lambda suite: suite.name)
def test_no_suite_asks_twice_about_one_digit_in_a_cell(mnist: Dataset, suite: suites.Suite) -> None:
    cells = suite.plan(mnist.test)

    assert len({cell.key for cell in cells}) == len(cells)
    for cell in cells:
        assert len(np.unique(cell.digits)) == len(cell.digits)


def test_all_digits_take_their_turn_under_the_corruptions(mnist: Dataset) -> None:
    cells = suites.SUITES["corruptions"].plan(mnist.test)

    asked = np.zeros(len(mnist.test), dtype=np.int64)
    for cell in cells:
        asked[cell.digits] += 1
    assert {int(asked.min()), int(asked.max())} == {7, 8}
