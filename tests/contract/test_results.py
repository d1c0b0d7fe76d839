"""Figures stand in two places: in benchmarks/results/, and in the READMEs and the headers of the recipes."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from inkproof.config import load_recipe, recipe_names, recipe_sentence

ROOT = Path(__file__).parents[2]
RECIPES: dict[str, Any] = json.loads((ROOT / "benchmarks/results/accuracy.json").read_text("utf-8"))["recipes"]
script = runpy.run_path(str(ROOT / "scripts" / "results.py"))

ONE = {"mean": 0.9922, "median": 0.9922, "sd": None, "n": 1}
FIVE = {"mean": 0.97466, "median": 0.9754, "sd": 0.00301, "n": 5}
ENTRY = {
    "steps": 2000,
    "num_test_images": 10_000,
    "test_accuracy_by_step": {"200": ONE, "2000": FIVE},
    "training_seconds": {"mean": 40.0, "median": 39.0, "sd": 1.5, "n": 5},
    "suites": {"edges": {"mean": 0.25, "median": 0.25, "sd": 0.01, "n": 5}},
    "machines": [{"processor": "A", "cores": 2, "memory_gib": 8.0}],
    "versions": [{"keras": "3.1", "tensorflow": "2.1"}],
    "seeds": [3, 4, 5, 6, 7],
}
SPEED = {"peer_step_ms": {"median": 78.0}, "peer_test_accuracy": [{"200": 0.9, "2000": 0.97}, {"2000": 0.98}]}
RESULTS = {"accuracy": {"recipes": {"tutorial": ENTRY}}, "speed": SPEED}


def test_tables_and_headers_hold_the_results() -> None:
    ended = subprocess.run(
        [sys.executable, "scripts/results.py", "--check"], check=False, cwd=ROOT, capture_output=True, text=True
    )

    assert ended.returncode == 0, ended.stderr


@pytest.mark.parametrize("readme", ["README.md", "README.zh-CN.md"])
def test_both_readmes_have_every_table(readme: str) -> None:
    text = (ROOT / readme).read_text("utf-8")

    assert re.findall(r"<!-- results: (\w+) -->", text) == ["recipes", "tutorial", "fast"]
    assert text.count("<!-- /results -->") == 3


@pytest.mark.parametrize("recipe", [name for name in RECIPES if "settings" in RECIPES[name]] or [None])
def test_results_were_measured_by_the_recipe_as_it_is_now(recipe: str | None) -> None:
    if recipe is None:
        pytest.skip("no results name their settings yet")
    now, then = load_recipe(recipe).as_flat_dict(), RECIPES[recipe]["settings"]

    assert {key: value for key, value in then.items() if now.get(key) != value} == {}


@pytest.mark.parametrize("recipe", recipe_names())
def test_the_first_line_of_a_recipe_says_what_it_is(recipe: str) -> None:
    sentence = recipe_sentence(recipe)

    assert sentence.endswith(".")
    assert not sentence.startswith(script["HEADER_KEYS"])


def test_a_header_says_result_time_machine_and_command() -> None:
    assert script["header_lines"]("tutorial", RESULTS) == [
        "# result: 97.47 ± 0.30 % of the 10,000 test images, edges 25.00 ± 1.00 % (n = 5 seeds, mean ± sd)",
        "# time: 40.0 ± 1.5 s for 2,000 steps",
        "# machine: A, 2 cores, 8.0 GiB; tensorflow 2.1, keras 3.1",
        "# command: inkproof train tutorial --seeds 5 --seed 3",
    ]


def test_a_header_keeps_what_else_stands_in_it_and_is_written_once() -> None:
    text = "# A network.\n# time: old\n#\n# Why it is so.\nsteps = 5\n"

    once = script["write_header"](text, "tutorial", RESULTS)

    assert once.splitlines()[0] == "# A network."
    assert once.endswith("# command: inkproof train tutorial --seeds 5 --seed 3\n#\n# Why it is so.\nsteps = 5\n")
    assert script["write_header"](once, "tutorial", RESULTS) == once
    assert script["write_header"](once, "unmeasured", RESULTS) == "# A network.\n#\n# Why it is so.\nsteps = 5\n"


def test_tables_compare_with_the_script_and_leave_out_what_has_no_results() -> None:
    page = "a\n<!-- results: recipes -->\nold\n<!-- /results -->\nb\n<!-- results: fast -->\n<!-- /results -->\n"

    written = script["write_tables"](page, "en", RESULTS)

    assert "| `tutorial` | **97.47 ± 0.30 %** | 25.00 ± 1.00 % | – | 39.0 s | 4.0× faster | 5 |" in written
    assert "old" not in written
    assert "`best`" not in written
    assert written.endswith("b\n<!-- results: fast -->\n<!-- /results -->\n")
    assert script["write_tables"](written, "en", RESULTS) == written


def test_the_tutorials_steps_stand_beside_its_script() -> None:
    rows = script["tutorial_table"](RESULTS, script["WORDS"]["zh"])

    assert rows == [
        ("200 步", "99.22 % (n = 1)", "90.0 % (n = 1)", "90 %"),
        ("2,000 步", "97.47 ± 0.30 % (n = 5)", "97.5 % (n = 2)", "97 %"),
    ]


@pytest.mark.parametrize("with_pytorch", [True, False], ids=["with PyTorch", "without"])
def test_the_fast_recipe_stands_beside_its_peers(with_pytorch: bool) -> None:
    def row(training: float, process: float) -> dict[str, Any]:
        return {
            "training_seconds": {"median": training, "n": 5},
            "process_seconds": {"median": process},
            "test_accuracy": FIVE,
        }

    pytorch = row(5.0, 8.0) if with_pytorch else None
    script_row = {"training_seconds": 160.0, "step_ms": {"n": 5}}
    fast = {"recipe": "fast", "inkproof": row(4.0, 10.0), "pytorch": pytorch, "tutorial_script": script_row}

    rows = script["fast_table"]({"fast": fast}, script["WORDS"]["en"])

    assert [cells[1:] for cells in rows] == [
        ("4.0 s", "10.0 s", "97.47 ± 0.30 %", "5"),
        *([("5.0 s (1.25×)", "8.0 s (0.80×)", "97.47 ± 0.30 %", "5")] if with_pytorch else []),
        ("160 s (40×)", "–", "–", "5"),
    ]
