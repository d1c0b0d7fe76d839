"""The report: whole, closed in itself, in two languages, with what it must say."""

from __future__ import annotations

import dataclasses
import html.parser
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from inkproof.data import Dataset, Split
from inkproof.diagnosis import report_words
from inkproof.diagnosis.corruptions import KINDS
from inkproof.diagnosis.evaluation import evaluate, open_subject
from inkproof.diagnosis.report import render_report
from inkproof.diagnosis.report_plots import colour_of, heat_picture, line_chart, shift_map
from inkproof.diagnosis.suites import SUITES
from networks_by_hand import write_constant
from small_runs import write_network

VOID = {"meta", "link", "input", "img", "br"}


@pytest.fixture(scope="module")
def small(mnist: Dataset) -> Dataset:
    return dataclasses.replace(mnist, test=Split(mnist.test.images[:60], mnist.test.labels[:60]))


@pytest.fixture(scope="module")
def result(small: Dataset, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("networks")
    subjects = [
        open_subject(write_network(folder / "dense.onnx"), "<b>dense</b>"),
        open_subject(write_constant(folder / "three.onnx"), "three"),
    ]
    return evaluate(subjects, small)


class Checker(html.parser.HTMLParser):
    """Finds tags that are not closed, and everything that would leave the file."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.outside: list[str] = []
        self.languages = {"en": 0, "zh-Hans": 0}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)
        for name, value in attrs:
            if name in ("src", "href", "action", "srcset") and not re.match(r"(data:|#)", value or ""):
                self.outside.append(f"{name}={value}")
            if name == "lang" and tag == "span" and value is not None:
                self.languages[value] += 1

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes another"


def test_a_report_is_whole_and_asks_for_nothing_outside(result: dict[str, Any], small: Dataset) -> None:
    page = render_report(result, small)

    checker = Checker()
    checker.feed(page)
    assert checker.open == []
    assert checker.outside == []
    assert "url(" not in page
    assert "@import" not in page
    assert checker.languages["en"] == checker.languages["zh-Hans"] > 50
    assert "&lt;b&gt;dense&lt;/b&gt;" in page
    assert "<b>dense</b>" not in page
    assert render_report(result, small) == page


def test_a_report_shows_every_suite_and_the_twenty_worst_mistakes(result: dict[str, Any], small: Dataset) -> None:
    page = render_report(result, small)

    for name in SUITES:
        assert f'<section id="{name}">' in page
    assert page.count('<figure><img class="pixels"') == 2 * (20 + 10)  # mistakes, and a map for each class
    assert page.count("<polyline") == 2 * (3 + 3 + 1)
    assert "Reads <b>10.0 %</b> of the 60 test digits" in page or "Reads <b>" in page
    assert page.count(", n = ") > 200


def test_a_report_of_one_network_and_one_suite_leaves_out_the_rest(result: dict[str, Any], small: Dataset) -> None:
    network = result["networks"][1]
    alone = {**result, "networks": [{**network, "suites": {"edges": network["suites"]["edges"]}}]}

    page = render_report(alone, small)

    assert '<section id="edges">' in page
    assert '<section id="clean">' not in page
    assert "points fewer" not in page  # there is nothing to compare with


def test_every_word_has_two_languages_and_the_same_places_for_figures() -> None:
    for key, (english, chinese) in report_words.WORDS.items():
        assert set(re.findall(r"{(\w+)}", english)) == set(re.findall(r"{(\w+)}", chinese)), key
        assert re.search(r"[\u4e00-\u9fff]", chinese), key
    assert set(report_words.PROTOCOLS_IN_CHINESE) == set(SUITES)
    assert {kind if f"{kind}_kind" not in report_words.WORDS else f"{kind}_kind" for kind in KINDS} <= set(
        report_words.WORDS
    )


def test_a_shift_map_says_offset_share_and_n_and_leaves_empty_cells_empty() -> None:
    drawn = shift_map([[1, 0], [2, 0]], [[2, 0], [2, 1]], [-1, 0])

    assert "<title>-1, -1: 50.0% (9.5–90.5), n = 2</title>" in drawn
    assert drawn.count("<title>") == 3


def test_a_chart_leaves_out_what_was_not_measured() -> None:
    point = {"at": 0.0, "value": 0.5, "low": 0.4, "high": 0.6, "n": 10}

    drawn = line_chart([[point, {**point, "at": 1.0, "value": None, "low": None, "high": None, "n": 0}]])

    assert drawn.count("<title>") == 1


def test_the_scale_runs_from_dark_to_light() -> None:
    assert (colour_of(-1), colour_of(0.5), colour_of(2)) == ("#440154", "#21918c", "#fde725")
    assert heat_picture(np.array([[np.nan, 1.0]])).tolist() == [[[190, 190, 190], [253, 231, 37]]]


def test_the_style_is_in_the_package() -> None:
    assert Path(report_words.__file__).with_name("report.css").is_file()
