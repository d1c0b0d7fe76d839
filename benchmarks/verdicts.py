"""How often the verdict of `inkproof compare` is right: where there is no difference, and where there is one.

    python benchmarks/verdicts.py                                                   # 8 minutes, most of them training
    python benchmarks/verdicts.py --seeds 5 --pairs 3 --steps 5 --results /tmp/x   # does it still work?

Softmax networks are trained once for each of many seeds; then groups of 1, 2, 3, 5 and 10 are drawn at random and
compared, each pair as a person would compare it. "No difference" are two groups of different seeds whose settings are
the same to the last bit of a float32 (learning rate 0.5 and 0.50000001, which is checked by training both). Groups are
drawn from the same trainings over and over, so that the interval of a share holds for these trainings.
"""

from __future__ import annotations

import argparse
import collections
import multiprocessing
import random
import shutil
import tempfile
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import inkproof
from inkproof.data import Split
from inkproof.diagnosis.answers import AnswerBook, JudgedOn, RunAnswers, Stamp, load_judged
from inkproof.diagnosis.compare import compare
from inkproof.diagnosis.metrics import wilson
from inkproof.diagnosis.significance import LEVEL, compare_seeds
from inkproof.runs import CONFIG_FILE, METRICS_FILE, NETWORK_FILE, RECORD_FILE, Run
from results_file import RESULTS, write_results

BASE, SAME, NUM_FAMILY = 0.5, 0.50000001, 4
SIZES = (1, 2, 3, 5, 10)
ANSWERS: dict[Stamp, RunAnswers] = {}
# What is compared with a learning rate of 0.5: a large, a small and a tiny difference.
OTHERS = {"times_10": 5.0, "times_0.8": 0.4, "times_0.98": 0.49}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=120, help="of the base setting; a third of the others")
    parser.add_argument("--pairs", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=100)
    parser.add_argument("--runs-dir", type=Path, help="keep the trainings here; what is there is not trained again")
    parser.add_argument("--results", type=Path, default=RESULTS)
    options = parser.parse_args()
    chance, fewer = random.Random(20_260_103), max(1, options.pairs // 4)
    with tempfile.TemporaryDirectory() as temporary:
        folder = options.runs_dir or Path(temporary)
        base = train_pool(folder, BASE, options.steps, options.seeds)
        twins = [copy_with_rate(run, SAME) for run in base]
        check_twin(folder, base[0], options.steps)
        others = {
            name: train_pool(folder, rate, options.steps, max(2, options.seeds // 3)) for name, rate in OTHERS.items()
        }
        figures = {
            "recipe": "softmax", "steps": options.steps, "learning_rate": BASE, "num_seeds": len(base),
            "accuracy": summarise([run.record.figures["test_accuracy"] for run in base]),
            "no_difference": {str(n): draw(base, twins, n, options.pairs, chance) for n in SIZES if 2 * n <= len(base)},
            "no_difference_paired": {
                str(n): draw_paired(base, n, options.pairs, chance) for n in SIZES[1:] if 2 * n <= len(base)
            },
            "no_difference_among_four": draw_family(base, options.pairs, chance),
            "difference": {
                name: {"learning_rate": OTHERS[name],
                       "accuracy": summarise([run.record.figures["test_accuracy"] for run in pool]),
                       **{str(n): draw(base, pool, n, fewer, chance) for n in SIZES if 2 * n <= len(pool)}}
                for name, pool in others.items()
            },
        }  # fmt: skip
    write_results("verdicts", figures, options.results)


class KeptRun(Run):
    """A run that is read once: these folders do not change, and are compared thousands of times."""

    record = cached_property(lambda self: Run(self.folder).record)
    config = cached_property(lambda self: Run(self.folder).config)
    metrics = cached_property(lambda self: Run(self.folder).metrics)


def train_pool(folder: Path, rate: float, steps: int, num_seeds: int) -> list[Run]:
    folder.mkdir(parents=True, exist_ok=True)
    changes = {"steps": steps, "learning_rate": rate, "tensorboard": False}
    names = {f"rate-{rate}-{seed}": seed for seed in range(num_seeds)}
    missing = [(folder, name, {**changes, "seed": seed}) for name, seed in names.items() if not is_there(folder / name)]
    # A process keeps what TensorFlow held for each training, 50 MB: after some, another goes on.
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=20) as pool:
        pool.starmap(train_one, missing, 1)
    return [KeptRun(folder / name) for name in names]


def is_there(folder: Path) -> bool:
    return folder.exists() and Run(folder).status == "finished"


def train_one(folder: Path, name: str, changes: dict[str, Any]) -> None:
    inkproof.train("softmax", runs_dir=folder, name=name, **changes)


def copy_with_rate(run: Run, rate: float, name: str = "twin") -> Run:
    """The same training under another learning rate: honest only where both come to the same weights."""
    copy = run.folder.with_name(f"{name}-{run.name}")
    copy.mkdir(exist_ok=True)
    for file in (RECORD_FILE, METRICS_FILE, NETWORK_FILE):
        shutil.copy(run.folder / file, copy / file)
    config = run.config.model_copy(update={"learning_rate": rate})
    (copy / CONFIG_FILE).write_text(config.as_toml(), "utf-8")
    return KeptRun(copy)


def check_twin(folder: Path, run: Run, steps: int) -> None:
    (trained,) = train_pool(folder, SAME, steps, 1)
    if trained.record.figures["weights_sha256"] != run.record.figures["weights_sha256"]:
        raise SystemExit(f"A learning rate of {SAME} learns otherwise than {BASE} here: choose a closer one.")


@cache
def load_images(judged_on: JudgedOn) -> Split:
    return load_judged(judged_on)


def open_book(judged_on: JudgedOn) -> AnswerBook:
    return AnswerBook(judged_on, load=load_images, known=ANSWERS)


def draw(first: list[Run], second: list[Run], size: int, num_pairs: int, chance: random.Random) -> dict[str, Any]:
    """Compare random groups of different seeds, and count what the verdicts say."""
    found: collections.Counter[str] = collections.Counter()
    for _ in range(num_pairs):
        mine = chance.sample(range(len(first)), size)
        theirs = chance.sample([seed for seed in range(len(second)) if seed not in mine], size)
        (comparison,) = compare(
            [first[seed] for seed in mine] + [second[seed] for seed in theirs], open_book
        ).comparisons
        about = "networks" if comparison.about == "networks" else "setting"
        found[f"{about}_{comparison.finding}"] += 1
    claimed = found["setting_better"] + found["setting_worse"]
    return {
        "setting_claimed": share(claimed, num_pairs),
        "setting_not_claimed": share(num_pairs - claimed, num_pairs),
        **({"networks_differ": share(found["networks_better"] + found["networks_worse"], num_pairs)}
           if size == 1 else {}),
        "found": dict(found),
    }  # fmt: skip


def draw_paired(base: list[Run], size: int, num_pairs: int, chance: random.Random) -> dict[str, Any]:
    """The paired test where there is nothing: any two trainings of one setting are taken for a pair."""
    counts = [round(float(run.record.figures["test_accuracy"]) * 10_000) for run in base]
    claimed = 0
    for _ in range(num_pairs):
        drawn = chance.sample(counts, 2 * size)
        test = compare_seeds(drawn[:size], drawn[size:], 10_000, paired=True)
        claimed += test is not None and test.p_value <= LEVEL
    return {"setting_not_claimed": share(num_pairs - claimed, num_pairs)}


def draw_family(base: list[Run], num_pairs: int, chance: random.Random) -> dict[str, Any]:
    """Four groups against a baseline, all of one setting: how often none of them is called different."""
    size = min(5, len(base) // (NUM_FAMILY + 1))
    pools = [base] + [
        [copy_with_rate(run, BASE + (number + 2) * 1e-9, f"family-{number}") for run in base]
        for number in range(NUM_FAMILY)
    ]
    clean = 0
    for _ in range(num_pairs):
        seeds = chance.sample(range(len(base)), size * len(pools))
        runs = [pool[seed] for number, pool in enumerate(pools) for seed in seeds[number * size : (number + 1) * size]]
        clean += all(one.finding in ("none", "unknown") for one in compare(runs).comparisons)
    return {"seeds_each": size, "setting_not_claimed": share(clean, num_pairs)}


def share(num: int, n: int) -> dict[str, Any]:
    low, high = wilson(num, n)
    return {"value": num / n, "low": round(low, 4), "high": round(high, 4), "n": n}


def summarise(values: list[Any]) -> dict[str, float]:
    mean = sum(values) / len(values)
    spread = (sum((value - mean) ** 2 for value in values) / max(1, len(values) - 1)) ** 0.5
    return {"mean": round(mean, 6), "sd": round(spread, 6), "n": len(values)}


if __name__ == "__main__":
    main()
