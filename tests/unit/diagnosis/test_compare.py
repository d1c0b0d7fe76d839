"""What is claimed of runs, and what is not: groups, settings that differ, verdicts in words, what is refused."""

from __future__ import annotations

import json
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from compared_runs import make_group, make_trained
from inkproof.config import Beginning
from inkproof.data import load
from inkproof.diagnosis import verdict_words as words
from inkproof.diagnosis.answers import AnswerBook, JudgedOn, RunAnswers, Stamp, answer, read_answers
from inkproof.diagnosis.compare import compare
from inkproof.diagnosis.metrics import wilson
from inkproof.diagnosis.verdict_words import WORDS, Text, name_setting
from inkproof.errors import DataFileError, UsageError
from small_runs import write_network

LOW, HIGH = [9_000, 9_012, 9_021, 9_006], [9_060, 9_075, 9_079, 9_068]


def test_a_real_difference_is_named_with_its_size_interval_and_seeds(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW, learning_rate=0.05) + make_group(tmp_path, "b", HIGH, learning_rate=0.5)

    report = compare(runs)

    (comparison,) = report.comparisons
    assert (comparison.about, comparison.finding) == ("settings", "better")
    assert report.verdict == comparison.text
    assert report.verdict.en == (
        "learning_rate 0.05 → 0.5 (×10): better by 0.61 ± 0.04 points (95 %; 4 seeds each, the same ones)."
    )
    assert report.verdict.zh == "learning_rate 0.05 → 0.5 (×10)：高 0.61 ± 0.04 个百分点（95%；各 4 个相同的种子）。"
    assert report.settings == {"learning_rate": [0.05, 0.5]}
    assert [group.label for group in report.groups] == ["learning_rate 0.05", "learning_rate 0.5"]


def test_the_first_run_says_what_is_compared_with(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW, learning_rate=0.05) + make_group(tmp_path, "b", HIGH, learning_rate=0.5)

    turned = compare(runs[::-1])

    assert turned.comparisons[0].finding == "worse"
    assert turned.verdict.en.startswith("learning_rate 0.5 → 0.05 (÷10): worse by 0.61 ± 0.04 points")


def test_forks_that_leave_at_other_steps_differ_by_that_in_words(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "early", LOW) + make_group(tmp_path, "late", HIGH)
    for run in runs:
        settings = run.config.model_dump(include={*Beginning.model_fields})
        before = Beginning(last_step=10 if run.name.startswith("early") else 20, **settings)
        forked = run.config.model_copy(update={"beginnings": (before,)})
        (run.folder / "config.toml").write_text(forked.as_toml(), "utf-8")

    report = compare(runs)

    assert report.verdict.en.startswith("fork at step 10 → 20 (×2): better by 0.61 ± 0.04 points")
    assert report.verdict.zh.startswith("分叉的步数 10 → 20 (×2)：高 0.61 ± 0.04 个百分点")
    assert report.settings == {"beginnings.0.last_step": [10, 20]}
    assert [group.label for group in report.groups] == ["early-0 (+3)", "late-0 (+3)"]


@pytest.mark.parametrize(
    ("name", "en", "zh"),
    [
        ("model.filters", "model.filters", "model.filters"),
        ("beginnings.0.last_step", "fork at step", "分叉的步数"),
        ("beginnings.0.batch_size", "batch_size before the fork", "分叉前的 batch_size"),
        ("beginnings.1.last_step", "fork 2 at step", "第 2 次分叉的步数"),
        ("beginnings.10.schedule", "schedule before fork 11", "第 11 次分叉前的 schedule"),
    ],
)
def test_settings_of_a_beginning_are_named_in_words(name: str, en: str, zh: str) -> None:
    assert name_setting(name) == Text(en, zh)


def test_other_seeds_are_not_paired(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", HIGH[:3], first_seed=9, steps=200)

    report = compare(runs)

    test = report.comparisons[0].test
    assert test is not None
    assert test.method == "welch"
    assert "(95 %; 4 and 3 seeds)" in report.verdict.en


def test_what_cannot_be_shown_comes_with_a_plan(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", [9_010, 9_030, 9_002], first_seed=9, steps=200)

    (comparison,) = compare(runs).comparisons

    assert comparison.finding == "none"
    assert comparison.more_seeds is not None
    total = comparison.more_seeds + 3
    assert comparison.text.en.startswith(
        "steps 100 → 200 (×2): no difference that these runs can show: +0.04 ± 0.29 points (95 %; 4 and 3 seeds)."
    )
    assert f"{total} seeds each would show it in four of five cases." in comparison.text.en


def test_one_training_each_says_nothing_of_the_setting(tmp_path: Path) -> None:
    first, second = (make_trained(tmp_path, name, right, steps=right) for name, right in (("a", 1_000), ("b", 1_100)))
    book = AnswerBook(JudgedOn("mnist", load("mnist").sha256, "test", 10_000))
    answers = [book.get(run) for run in (first, second)]

    (comparison,) = compare([first, second]).comparisons

    # then: from the networks' own answers
    right, other = (given.classes == load("mnist").test.labels for given in answers)
    test = comparison.test
    assert test is not None
    assert (test.only_first, test.only_second) == ((right & ~other).sum(), (other & ~right).sum())
    assert comparison.about == "networks"
    assert comparison.text.en.startswith("These two networks ")
    assert comparison.text.en.endswith("needs more seeds: one training each cannot tell.")
    assert "learning" not in comparison.text.en.split("Whether")[0]


def test_networks_that_answer_alike_do_not_differ(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, name, 1_000, steps=steps) for name, steps in (("a", 10), ("b", 20))]

    report = compare(runs)

    assert report.comparisons[0].finding == "none"
    assert "of the 10,000 images ‘b’ alone reads 0 right and ‘a’ alone 0" in report.verdict.en


def test_one_training_against_many_cannot_tell(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", [9_500], steps=200)

    (comparison,) = compare(runs).comparisons

    assert (comparison.finding, comparison.test) == ("unknown", None)
    assert "one training of ‘b-0’ cannot tell; +4.90 points were seen" in comparison.text.en


def test_seeds_that_make_no_difference_give_no_spread_to_judge_by(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", [9_000, 9_000]) + make_group(tmp_path, "b", [9_100, 9_100], steps=200)

    (comparison,) = compare(runs).comparisons

    assert comparison.finding == "unknown"
    assert "no seed made any difference" in comparison.text.en


def test_equally_many_right_answers_of_several_seeds_are_no_certainty(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", [10_000, 10_000, 10_000]) + make_group(tmp_path, "b", [9_990, 9_991], steps=200)

    perfect, other = compare(runs).groups

    assert (perfect.mean, perfect.spread, perfect.interval_over) == (1.0, 0.0, "images")
    assert (perfect.low, perfect.high) == wilson(10_000, 10_000)
    assert other.interval_over == "seeds"


def test_a_difference_that_two_digits_cannot_tell_is_told_with_more(tmp_path: Path) -> None:
    counts = [9_000, 9_010, 9_020, 9_030, 9_040]
    runs = make_group(tmp_path, "a", counts) + make_group(tmp_path, "b", counts, steps=200)

    assert "show: 0.00 ± 0.23 points (95 %; 5 seeds each)." in compare(runs).verdict.en
    assert [words._points(share) for share in (0.00004, -0.00004, 0.0)] == ["0.004", "−0.004", "0.00"]


@pytest.mark.parametrize(
    ("p", "text"), [(0.0496, "= 0.0496"), (0.0504, "= 0.0504"), (0.05, "= 0.05"), (0.0213, "= 0.021"), (1.0, "= 1")]
)
def test_on_which_side_of_the_level_a_p_value_lies_can_be_seen(p: float, text: str) -> None:
    assert words._p(p) == text


def test_several_comparisons_are_corrected_and_say_so(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "base", LOW)
    runs += make_group(tmp_path, "up", HIGH, first_seed=10, steps=200)
    # alone this is p = 0.03; among four it is not enough
    for number in range(3):
        counts = [9_040 + number, 9_022, 9_030, 9_020]
        runs += make_group(tmp_path, f"same{number}", counts, first_seed=20 + 10 * number, steps=300 + number)

    report = compare(runs)

    better, *others = report.comparisons
    assert better.finding == "better"
    assert better.test is not None
    assert better.p_holm == pytest.approx(4 * better.test.p_value)
    assert "; holds among 4 comparisons, Holm’s p " in better.text.en
    for other in others:
        assert other.finding == "none"
        assert other.test is not None
        assert other.test.p_value < 0.05 < (other.p_holm or 0)
        assert re.search(r"; alone p = 0\.0\d+, but among 4 comparisons Holm’s p = 0\.\d+\)", other.text.en)
    assert report.verdict.en == (
        "Compared with ‘steps 100’: 1 better; 3 without a difference that these runs can show."
    )


def test_when_several_settings_differ_none_gets_the_praise(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", HIGH, steps=200, batch_size=50)

    assert "2 settings differ at once: which of them does it, these runs cannot say." in compare(runs).verdict.en


def test_groups_with_many_differences_are_called_by_their_recipes(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", HIGH, recipe="tutorial")

    report = compare(runs)

    assert [group.label for group in report.groups] == ["softmax", "tutorial"]
    assert report.verdict.en.startswith("‘tutorial’ instead of ‘softmax’: better by 0.61")
    assert report.settings["model.filters"] == [None, 64]


def test_runs_that_differ_by_seed_alone_are_one_group(tmp_path: Path) -> None:
    report = compare(make_group(tmp_path, "a", LOW, tensorboard=False) + make_group(tmp_path, "b", HIGH, first_seed=9))

    assert len(report.groups) == 1
    assert report.comparisons == []
    assert report.verdict.en.startswith("These 8 runs differ by nothing but their seed: 90.40 % of the images right")


def test_accuracy_and_cost_of_a_group_are_means_and_of_one_run_its_own(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", [9_000, 9_020, 9_040]) + make_group(tmp_path, "b", [9_000], steps=200)

    many, single = compare(runs).groups

    assert (many.mean, many.spread, many.seconds) == pytest.approx((0.902, 0.002, 3.0))
    assert (many.images_seen, many.num_parameters) == (10_000, 7_850)
    assert (single.low, single.high) == pytest.approx(wilson(9_000, 10_000))
    assert single.spread is None


def test_curves_are_the_mean_and_the_band_over_seeds(tmp_path: Path) -> None:
    first = compare(make_group(tmp_path, "a", [9_000, 9_200]) + make_group(tmp_path, "b", [9_000], steps=200)).groups[0]

    accuracy, loss = first.curves["accuracy"], first.curves["loss"]
    assert accuracy.step == [0, 50, 100]
    assert (accuracy.mean, accuracy.low, accuracy.high) == ([0, 0.455, 0.91], [0, 0.45, 0.9], [0, 0.46, 0.92])
    assert loss.mean == pytest.approx([1.95, 1.45, 0.95])


def test_the_same_training_again_is_no_second_witness(tmp_path: Path) -> None:
    runs = [*make_group(tmp_path, "a", LOW), make_trained(tmp_path, "again", 9_000, seed=0)]
    runs += make_group(tmp_path, "b", HIGH, steps=200)

    report = compare([*runs, runs[0]])

    assert [len(group.runs) for group in report.groups] == [4, 4]
    assert [remark.en for remark in report.remarks] == [
        "‘again’ is left out: it has settings and seed (0) of ‘a-0’, so it is the same training again."
    ]


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("running", "‘x’ is left out: it is interrupted."),
        ("diverged", "‘x’ diverged and is left out: its setting does worse than the figures say."),
        ("failed", "‘x’ is left out: it is failed."),
    ],
)
def test_what_is_not_finished_is_left_out_aloud(tmp_path: Path, status: str, told: str) -> None:
    runs = make_group(tmp_path, "a", LOW)
    runs.append(make_trained(tmp_path, "x", 9_000, seed=8, status=status, steps=200))

    assert [remark.en for remark in compare(runs).remarks] == [told]


def test_unequal_versions_and_machines_are_told(tmp_path: Path) -> None:
    facts = {"versions": {"keras": "4"}, "machine": {"processor": "B"}}
    runs = [make_trained(tmp_path, "a", 9_000), make_trained(tmp_path, "b", 9_000, seed=1, facts=facts)]

    told = [remark.en for remark in compare(runs).remarks]

    assert told == [
        "The runs were not all trained with the same versions of: inkproof, keras.",
        "The runs were trained on 2 kinds of machines: their seconds cannot be compared.",
    ]


def test_runs_judged_by_different_images_are_refused(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, "a", 9_000), make_trained(tmp_path, "b", 4_500, hold_out=5_000)]

    told = (
        "These runs were judged by different images: 'a' by the 10,000 test images of mnist, 'b' by the 5,000 held-out "
        "training images of mnist. Their accuracies cannot be compared."
    )
    with pytest.raises(UsageError, match=re.escape(told)):
        compare(runs)


def test_the_same_name_with_another_checksum_is_other_images(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, "a", 9_000), make_trained(tmp_path, "b", 9_000, facts={"data_sha256": "f" * 64})]

    with pytest.raises(UsageError, match=r"'b' by the 10,000 test images of mnist \(ffff"):
        compare(runs)


def test_held_out_images_are_compared_with_their_like(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, name, 4_500, hold_out=5_000, steps=steps) for name, steps in (("a", 1), ("b", 2))]

    report = compare(runs)

    assert [remark.en for remark in report.remarks] == [
        "Judged by 5,000 training images that were held out, not by the test images."
    ]
    assert "of the 5,000 images" in report.verdict.en
    assert (runs[0].folder / "evaluation" / "answers-validation-5000.npz").exists()


@pytest.mark.parametrize("num_runs", [0, 1])
def test_fewer_than_two_runs_are_refused(tmp_path: Path, num_runs: int) -> None:
    runs = make_group(tmp_path, "a", LOW[:num_runs])

    came = "'a-0'" if num_runs else "none"
    with pytest.raises(UsageError, match=f"Two or more different finished runs are needed to compare; .* came: {came}"):
        compare(runs)


def test_the_same_training_twice_is_no_comparison(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, name, 9_000) for name in ("a", "b")]

    with pytest.raises(UsageError, match="All these runs are the same training: settings and seed of 'a'"):
        compare(runs)


def test_answers_are_kept_until_the_network_is_another(tmp_path: Path) -> None:
    run, test = make_trained(tmp_path, "a", 9_000), load("mnist").test
    judged_on = JudgedOn("mnist", load("mnist").sha256, "test", 10_000)
    assert read_answers(run, judged_on) is None

    given = answer(run, judged_on, test.images)
    kept = read_answers(run, judged_on)

    assert kept is not None
    np.testing.assert_array_equal(kept.classes, given.classes)
    np.testing.assert_array_equal(kept.confidence, given.confidence)
    write_network(run.folder / "network.onnx", seed=1)
    assert read_answers(run, judged_on) is None
    answer(run, judged_on, test.images)
    (run.folder / "evaluation" / "answers-test.npz").write_bytes(b"damaged")
    assert read_answers(run, judged_on) is None


def test_when_the_time_is_up_the_verdict_waits(tmp_path: Path) -> None:
    runs = [make_trained(tmp_path, name, 9_000, steps=steps) for name, steps in (("a", 1), ("b", 2))]

    report = compare(runs, lambda judged_on: AnswerBook(judged_on, seconds=0))

    assert report.num_pending == 1
    assert report.comparisons[0].finding == "unknown"
    assert report.verdict.en == "‘b’ and ‘a’: the networks are still answering the images."


def test_of_many_who_want_the_same_answers_one_asks(tmp_path: Path) -> None:
    run, judged_on = make_trained(tmp_path, "a", 9_000), JudgedOn("mnist", load("mnist").sha256, "test", 10_000)
    known: dict[Stamp, RunAnswers] = {}
    asking, together, asked = threading.Lock(), threading.Barrier(6), list[str]()

    def ask(seconds: float | None) -> RunAnswers | None:
        book = AnswerBook(judged_on, seconds=seconds, tell=asked.append, known=known, asking=asking)
        together.wait()
        return book.get_in_time(run)

    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(ask, [None, 60.0] * 3))

    assert asked == ["a"]
    assert all(answers is given[0] for answers in given)


def test_another_data_set_than_the_runs_had_cannot_be_asked(tmp_path: Path) -> None:
    facts = {"data_sha256": "f" * 64}
    runs = [make_trained(tmp_path, name, 9_000, steps=n, facts=facts) for name, n in (("a", 1), ("b", 2))]

    with pytest.raises(DataFileError, match="another 'mnist' than is here: its checksum was ffffffffffff…"):
        compare(runs)


def test_a_comparison_goes_into_json(tmp_path: Path) -> None:
    runs = make_group(tmp_path, "a", LOW) + make_group(tmp_path, "b", HIGH, steps=200)

    found = json.loads(json.dumps(compare(runs).as_dict()))

    assert found["judged_on"]["num_images"] == 10_000
    assert found["settings"] == [{"name": "steps", "values": [100, 200]}]
    assert found["groups"][0]["runs"][0]["accuracy"]["value"] == 0.9
    assert found["groups"][0]["accuracy"]["interval_over"] == "seeds"
    (comparison,) = found["comparisons"]
    assert (comparison["finding"], comparison["method"], comparison["difference"]) == ("better", "paired", 0.006075)


@pytest.mark.parametrize("key", WORDS)
def test_both_languages_say_the_same_figures(key: str) -> None:
    english, chinese = (set(re.findall(r"\{(\w+)\}", text)) for text in WORDS[key])

    assert english == chinese
