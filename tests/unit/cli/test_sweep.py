"""`inkproof sweep` and `inkproof sweeps` on sweeps that are there already, and what is said of wrong usage."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from inkproof.cli import sweep_progress
from inkproof.cli.main import main
from inkproof.cli.sweep_progress import Bar, JsonLines, Lines, choose_watcher
from inkproof.runs import list_runs
from inkproof.sweep.record import Sweep, list_sweeps
from inkproof.sweep.search import Unwatched
from sweep_runs import add_proof, add_trial, make_sweep

SEARCH = ["sweep", "softmax", "--name", "search", "--set", "steps=100", "--trials", "2", "--final-seeds", "0"]
SEARCH += ["--space", "learning_rate=0.01..1:log", "--space", "batch_size=20..200"]
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def runs_dir(tmp_path: Path) -> Path:
    return tmp_path / "runs"


@pytest.fixture
def run(runs_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs a command as from a shell: exit status, what it prints, what it prints as errors."""

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setenv("COLUMNS", "160")
        monkeypatch.setattr(sys, "argv", ["inkproof", *words, "--runs-dir", str(runs_dir)])
        status = 0
        try:
            main()
        except SystemExit as ended:
            status = int(ended.code or 0)
        captured = capsys.readouterr()
        return status, captured.out, captured.err

    return call


def finished_sweep(runs_dir: Path) -> Sweep:
    """A sweep that has come to its end: two trials, the second the better."""
    sweep = make_sweep(runs_dir, trials=2, final_seeds=0)
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.934, learning_rate=0.2, batch_size=50)
    return sweep


@pytest.mark.parametrize(
    ("words", "message", "tip"),
    [
        ([], "No space came; at least one setting to search was expected.", "--space learning_rate=1e-5..1e-1:log"),
        (["--space", "steps"], "'--space steps' came, KEY=LOW..HIGH, KEY=LOW..HIGH:log or KEY=A,B,C was exp", "Write "),
        (["--space", "lerning_rate=0..1"], "Did you mean 'learning_rate'?", "`inkproof describe softmax --settings`"),
        (["--space", "learning_rate=0..1:log"], "begins at 0, which has no logarithm", "0.0001..1:log`"),
        (["--space", "learning_rate=0.1..9999"], "The setting 'learning_rate' is 9999.0, but", "learning_rate: Size"),
        (["--space", "seed=0..9"], "The setting 'seed' cannot be searched", "`--seeds N`"),
        (["--space", "steps=10,20", "--set", "steps=9"], "'steps' is fixed and searched at once", "Leave out"),
        (["--space", "steps=10,20", "--set", "batch_size"], "'--set batch_size' came, KEY=VALUE was expected", ""),
        (["--space", "steps=10,20", "--name", "../up"], "'../up' cannot be the name", "without the path"),
        (["--space", "steps=10,20", "--trials", "0"], "'trials' is 0, but input should be greater than or", ""),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_wrong_usage_is_told_with_a_tip_and_status_2(
    run: Run, runs_dir: Path, words: list[str], message: str, tip: str
) -> None:
    status, printed, error = run("sweep", "softmax", *words)

    assert (status, printed) == (2, "")
    assert error.startswith("error: ")
    assert message in error
    assert tip in error
    assert not runs_dir.exists()


def test_an_unknown_recipe_is_told(run: Run) -> None:
    status, _, error = run("sweep", "sofmax", "--space", "steps=1,2")

    assert (status, error.splitlines()[0]) == (2, "error: There is no recipe 'sofmax'. Did you mean 'softmax'?")


@pytest.mark.parametrize("command", [SEARCH, ["sweeps", "resume", "search"]], ids=["sweep", "resume"])
def test_without_ray_it_says_what_to_install_and_leaves_nothing(
    run: Run, runs_dir: Path, monkeypatch: pytest.MonkeyPatch, command: list[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)  # as if it were not installed

    status, _, error = run(*command)

    assert status == 1
    assert error == (
        "error: This needs Ray, which is not installed.\n  tip: Install it with `pip install 'inkproof[sweep]'`.\n"
    )
    assert not runs_dir.exists()


@pytest.mark.parametrize("command", ["show", "stop", "delete", "resume"])
def test_an_unknown_sweep_is_told(run: Run, runs_dir: Path, command: str) -> None:
    status, _, error = run("sweeps", command, "nobody")

    assert status == 1
    assert error == (
        f"error: There is no sweep 'nobody' in '{runs_dir}'.\n"
        "  tip: There are no sweeps yet; `inkproof sweep` makes one.\n"
    )
    assert not runs_dir.exists()


def test_no_sweeps_says_how_to_make_one(run: Run, runs_dir: Path) -> None:
    assert run("sweeps")[1] == (
        f"There are no sweeps in '{runs_dir}' yet. Make one with `inkproof sweep tutorial --space …`.\n"
    )
    assert run("sweeps", "--json")[1] == "[]\n"
    assert not runs_dir.exists()


def test_sweeps_are_listed_with_their_best(run: Run, runs_dir: Path) -> None:
    finished_sweep(runs_dir)
    make_sweep(runs_dir, "newer", status="running")

    lines = [line.split() for line in run("sweeps")[1].splitlines() if line.strip()]
    listed = json.loads(run("sweeps", "--json")[1])

    assert lines[2:] == [
        ["newer", "softmax", "interrupted", "0", "of", "8", "–"],
        ["search", "softmax", "finished", "2", "of", "2", "93.40%", "learning_rate=0.2,", "batch_size=50"],
    ]
    assert [(each["name"], each["status"], each["num_trials"]) for each in listed] == [
        ("newer", "interrupted", 0),
        ("search", "finished", 2),
    ]
    assert listed[1]["best"]["settings"] == {"learning_rate": 0.2, "batch_size": 50}


def test_a_sweep_is_shown_best_first_with_what_that_is_worth(run: Run, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.91)
    add_trial(sweep, 1, 0.934, learning_rate=0.2, batch_size=50)
    add_trial(sweep, 2, 0.4, "interrupted", is_stopped_early=True, learning_rate=0.011)
    add_trial(sweep, 3, None, "diverged", learning_rate=0.99)
    add_proof(sweep, 1, [9_300, 9_310], [9_100, 9_115], learning_rate=0.2, batch_size=50)

    status, printed, _ = run("sweeps", "show", "search")

    lines = [line.split() for line in printed.splitlines() if line.strip()]
    assert status == 0
    assert [line[0] for line in lines[2:6]] == ["1", "0*", "2", "3"]
    assert lines[2] == ["1", "0.2", "50", "93.40%", "100", "0.5", "s", "finished"]
    assert lines[4] == ["2", "0.011", "100", "40.00%", "40", "0.5", "s", "stopped", "early"]
    assert lines[5] == ["3", "0.99", "100", "–", "40", "0.5", "s", "diverged"]
    assert "4 of 8 trials in " in printed
    assert "Best on the images held out: trial 1, learning_rate=0.2, batch_size=50, 93.40%." in printed
    assert "The recipe's own setting: 91.00%, 2.40 points less." in printed
    assert "Trained anew on all data, on the test images: " in printed
    assert "better by 1.98 ± " in printed
    assert "More: `inkproof compare 'search-recipe-*' 'search-best-*'`." in printed


@pytest.mark.parametrize(
    ("space", "status", "sentence"),
    [
        (None, "finished", "Nothing was better than the recipe's own setting."),
        ({"learning_rate": "0.01..0.1"}, "finished", "The recipe's own setting lies outside of the space, and was no"),
        (None, "running", "It is interrupted. Go on with `inkproof sweeps resume search`."),
    ],
)
def test_what_a_sweep_cannot_say_is_said(
    run: Run, runs_dir: Path, space: dict[str, str] | None, status: str, sentence: str
) -> None:
    sweep = make_sweep(runs_dir, space=space, status=status)
    add_trial(sweep, 0, 0.91, **({"learning_rate": 0.05} if space else {}))

    assert sentence in run("sweeps", "show", "search")[1]


def test_a_sweep_that_failed_says_why(run: Run, runs_dir: Path) -> None:
    make_sweep(runs_dir, status="failed").update(message="No cluster of Ray answers at '10.0.0.1:6379'.")

    printed = run("sweeps", "show", "search")[1]

    assert "It failed: No cluster of Ray answers at '10.0.0.1:6379'. Try again with `inkproof sweeps res" in printed


def test_where_nothing_is_better_the_recipe_is_told_with_its_spread(run: Run, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir)
    add_trial(sweep, 0, 0.93)
    add_proof(sweep, 1, [], [9_100, 9_120, 9_140])

    printed = run("sweeps", "show", "search")[1]

    assert "Nothing was better than the recipe's own setting." in printed
    said = "on the test images: 91.20 ± 0.20 % (95 % interval of the mean 90.70 to 91.70 %, n = 3 seeds)."
    assert said in printed


@pytest.mark.parametrize("is_damaged", [False, True], ids=["foreign", "damaged"])
def test_a_run_that_stands_in_the_way_of_a_trial_is_named_before_anything_begins(
    run: Run, runs_dir: Path, is_damaged: bool
) -> None:
    sweep = make_sweep(runs_dir, trials=2, final_seeds=0)
    in_the_way = add_trial(sweep, 1, 0.9)
    if is_damaged:
        (in_the_way.folder / "run.json").write_text("{", "utf-8")
    else:
        in_the_way.update(trial=None)

    status, printed, error = run(*SEARCH)

    message = "The run 'search-001' of the sweep 'search' is damaged: "
    message = message if is_damaged else "The run 'search-001' is none of the sweep 'search', but has a name that its"
    assert (status, printed) == (1, "")
    assert error.startswith(f"error: {message}")
    assert ("runs delete search-001`" if is_damaged else "`inkproof runs rename search-001 NEW`.") in error


def test_more_trials_than_fit_are_counted(run: Run, runs_dir: Path) -> None:
    sweep = make_sweep(runs_dir, trials=23)
    for number in range(23):
        add_trial(sweep, number, 0.9, learning_rate=0.1 + number / 100)

    assert "3 more are in the CSV: `inkproof sweeps show search --csv FILE`." in run("sweeps", "show", "search")[1]


def test_json_stays_json_while_files_are_written(run: Run, runs_dir: Path, tmp_path: Path) -> None:
    finished_sweep(runs_dir)
    table, pictures = tmp_path / "trials.csv", tmp_path / "pictures"

    _, printed, said = run("sweeps", "show", "search", "--json", "--csv", str(table), "--pictures", str(pictures))

    shown = json.loads(printed)
    assert [(row["number"], row["score"], row["is_recipe"]) for row in shown["trials"]] == [
        (0, 0.91, True),
        (1, 0.934, False),
    ]
    assert (shown["best"]["number"], shown["proof"]) == (1, None)
    with table.open(encoding="utf-8", newline="") as file:
        assert [row["validation_accuracy"] for row in csv.DictReader(file)] == ["0.91", "0.934"]
    names = ["accuracy-batch_size.png", "accuracy-learning_rate.png", "parallel-coordinates.png"]
    assert sorted(path.name for path in pictures.iterdir()) == names
    assert said.splitlines()[0] == f"wrote {table}"
    assert len(said.splitlines()) == 4


def test_in_a_narrow_terminal_no_name_is_cut_short(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from inkproof.cli import sweep_report

    finished_sweep(runs_dir)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sweep_report.out, "_width", 40)
        sweep_report.print_list(list_sweeps(runs_dir))
        sweep_report.print_sweep(list_sweeps(runs_dir)[0])

    assert "…" not in capsys.readouterr().out


def test_a_file_that_cannot_be_written_is_told(run: Run, runs_dir: Path, tmp_path: Path) -> None:
    finished_sweep(runs_dir)
    path = tmp_path / "nowhere" / "trials.csv"

    status, _, error = run("sweeps", "show", "search", "--csv", str(path))

    assert status == 1
    assert error == (
        f"error: '{path}' cannot be written: No such file or directory.\n  tip: Give another file or folder.\n"
    )


def test_stopping_what_does_not_run_says_so(run: Run, runs_dir: Path) -> None:
    sweep = finished_sweep(runs_dir)

    assert run("sweeps", "stop", "search")[:2] == (0, "'search' is finished: there was nothing to stop.\n")
    assert not sweep.is_asked_to_stop


def test_a_deleted_sweep_leaves_its_runs_and_they_keep_its_name(run: Run, runs_dir: Path) -> None:
    finished_sweep(runs_dir)

    deleted = run("sweeps", "delete", "search")
    again = run(*SEARCH)

    assert deleted[:2] == (0, "'search' is deleted; its runs are still there.\n")
    assert list_sweeps(runs_dir) == []
    assert sorted(entry.run.name for entry in list_runs(runs_dir)) == ["search-000", "search-001"]
    assert again[0] == 1
    assert again[2].startswith(
        f"error: Runs of an earlier sweep 'search' are still in '{runs_dir}', such as 'search-00"
    )


def test_another_space_under_the_same_name_is_refused(run: Run, runs_dir: Path) -> None:
    finished_sweep(runs_dir)

    status, _, error = run(*SEARCH, "--space", "optimizer=adam,sgd")

    assert status == 1
    assert "searches something else: its space differs." in error
    assert "tip: Give the new one a name with `--name`, or go on with the old: `inkproof sweeps resume" in error


def test_a_sweep_that_has_come_to_its_end_is_shown_again(run: Run, runs_dir: Path) -> None:
    finished_sweep(runs_dir)

    status, printed, _ = run(*SEARCH)
    quiet = run(*SEARCH, "--quiet")
    lines = [json.loads(line) for line in run("sweeps", "resume", "search", "--json")[1].splitlines()]

    assert status == 0
    assert printed.startswith("search: 2 trials of softmax on ")
    assert "Best on the images held out: trial 1" in printed
    assert quiet == (0, "", "")
    assert [(line["event"], line.get("num_done")) for line in lines] == [("begin", 2), ("end", None)]
    assert len(lines[1]["trials"]) == 2


def test_who_watches_depends_on_who_asks() -> None:
    kinds = [choose_watcher(as_json=as_json, quiet=quiet) for as_json, quiet in ((True, True), (False, True))]

    assert [type(kind) for kind in kinds] == [JsonLines, Unwatched]
    assert isinstance(choose_watcher(as_json=False, quiet=False), Lines)  # standard output is no terminal


def test_lines_tell_each_trial_once(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = make_sweep(runs_dir, trials=3, seeds=1)
    add_trial(sweep, 0, 0.91)
    watcher = Lines()

    watcher.begin(sweep, 2.0)
    add_trial(sweep, 1, 0.934, learning_rate=0.2, batch_size=50)
    add_trial(sweep, 2, 0.4, "interrupted", is_stopped_early=True, learning_rate=0.011)
    watcher.look(sweep)
    with sweep.hold():
        sweep.update(status="running", stage="proving")
        watcher.moved(sweep)
        watcher.moved(sweep)
    watcher.end(sweep)

    shown = capsys.readouterr().out
    assert shown.count("the trials are over") == 1
    assert shown.splitlines()[:4] == [
        "search: 3 trials of softmax on 2 processors, 1 begun before",
        "trial 1: learning_rate=0.2, batch_size=50 · 93.40% · 0.5 s",
        "trial 2: learning_rate=0.011, batch_size=100 · 40.00% · stopped early at step 40 · 0.5 s",
        "the trials are over; trainings on all data that prove the best: 4",
    ]


def test_json_lines_tell_each_trial(runs_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sweep = make_sweep(runs_dir)
    watcher = JsonLines()

    watcher.begin(sweep, 2.0)
    add_trial(sweep, 0, 0.91)
    watcher.end(sweep)

    begin, trial, end = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert begin == {"event": "begin", "sweep": "search", "num_cpus": 2.0, "num_done": 0}
    assert (trial["event"], trial["number"], trial["score"], trial["is_recipe"]) == ("trial", 0, 0.91, True)
    assert (end["event"], end["name"], end["status"], len(end["trials"])) == ("end", "search", "finished", 1)


def test_the_bar_shows_the_best_and_the_runs_at_hand(
    runs_dir: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    # given: a terminal
    from rich.console import Console

    console = Console(force_terminal=True, width=160, highlight=False)
    for module in ("progress", "sweep_progress", "sweep_report"):
        monkeypatch.setattr(f"inkproof.cli.{module}.out", console)
    sweep = make_sweep(runs_dir)
    at_hand = add_trial(sweep, 1, None, "running", learning_rate=0.2)
    watcher = sweep_progress.Bar()

    # when
    with at_hand.hold():
        watcher.begin(sweep, 2.0)
        add_trial(sweep, 0, 0.91)
        watcher.look(sweep)
        watcher._bar.refresh()
    watcher.end(sweep)

    # then
    shown = capsys.readouterr().out
    assert isinstance(watcher, Bar)
    assert "trial 0: learning_rate=0.5, batch_size=100 · 91.00% · 0.5 s · the recipe's own setting" in shown
    assert "best 91.00%  about 0:0" in shown
    assert "step 40 of 100" in shown
    assert "\x1b[?25h" in shown  # the cursor is there again
