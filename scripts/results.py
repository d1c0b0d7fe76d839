"""Carry figures from benchmarks/results/ to where people read them: the tables of both READMEs, the recipes' headers.

python scripts/results.py            write them
python scripts/results.py --check    exit with 1 if they are stale

A table stands between `<!-- results: NAME -->` and `<!-- /results -->`. A recipe's header keeps its first line, which
says what the recipe is, and its other comments; the lines `# result:`, `# time:`, `# machine:` and `# command:` below
the first line are made here. What has no results yet is left out.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
RECIPES = ("softmax", "tutorial", "deep", "fast", "robust", "best")
TUTORIAL_STEPS = 2000
# What the tutorial says of its own network, of batches of training images where a step is not the last.
TUTORIAL_SAYS = {200: "90 %", 1000: "95 %", 2000: "97 %"}
HEADER_KEYS = ("result", "time", "machine", "command")

WORDS = {
    "en": {
        "recipes": ("recipe", "test accuracy", "at the edges", "corrupted", "training", "beside the script", "n"),
        "tutorial": ("`tutorial` after", "test accuracy", "its own script", "the tutorial says"),
        "fast": ("one network, side by side", "training", "the whole command", "test accuracy", "n"),
        "steps": "{:,} steps", "seconds": "{} s", "minutes": "{} min", "faster": "{}× faster", "slower": "{}× slower",
        "inkproof": "`inkproof train {}`, everything logged and exported",
        "pytorch": "[a fast recipe in plain PyTorch](benchmarks/peers/mnist_fast_pytorch/mnist.py), nothing logged",
        "script": "[the tutorial's script](benchmarks/peers/tutorial_tf1/mnist.py), 2,000 steps",
    },
    "zh": {
        "recipes": ("配方", "测试准确率", "推到边缘", "受干扰", "训练", "与教程脚本相比", "次数"),
        "tutorial": ("`tutorial` 训练", "测试准确率", "教程自己的脚本", "教程的说法"),
        "fast": ("一个网络,并排测量", "训练", "整条命令", "测试准确率", "次数"),
        "steps": "{:,} 步", "seconds": "{} 秒", "minutes": "{} 分钟", "faster": "快 {} 倍", "slower": "慢 {} 倍",
        "inkproof": "`inkproof train {}`,含全部记录与导出",
        "pytorch": "[纯 PyTorch 的快速配方](benchmarks/peers/mnist_fast_pytorch/mnist.py),不做记录",
        "script": "[教程脚本](benchmarks/peers/tutorial_tf1/mnist.py),2,000 步",
    },
}  # fmt: skip
READMES = {"README.md": "en", "README.zh-CN.md": "zh"}
Results = dict[str, Any]


def load_results(folder: Path) -> Results:
    """The content of each `NAME.json`, by name."""
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json"))}


def final_accuracy(entry: dict[str, Any]) -> dict[str, Any]:
    accuracy: dict[str, Any] = entry["test_accuracy_by_step"][str(entry["steps"])]
    return accuracy


def per_cent(figure: dict[str, Any] | None) -> str:
    if figure is None:
        return "–"
    spread = "" if figure["sd"] is None else f" ± {figure['sd'] * 100:.2f}"
    return f"{figure['mean'] * 100:.2f}{spread} %"


def duration(seconds: float, words: dict[str, Any]) -> str:
    if seconds >= 600:
        return str(words["minutes"]).format(f"{seconds / 60:.0f}")
    return str(words["seconds"]).format(f"{seconds:.1f}" if seconds < 100 else f"{seconds:.0f}")


def compare(seconds: float, peer_seconds: float, words: dict[str, Any]) -> str:
    """How many times as fast as a peer: `3.8× faster`, `14× slower`."""
    times = max(peer_seconds / seconds, seconds / peer_seconds)
    return str(words["faster" if seconds < peer_seconds else "slower"]).format(
        f"{times:.1f}" if times < 10 else f"{times:.0f}"
    )


def training_seconds(results: Results, recipe: str) -> float:
    """How long a recipe trains on an idle machine; long ones are timed apart from where their accuracy is measured."""
    timed = results.get("times", {}).get("recipes", {}).get(recipe)
    seconds = (
        timed["training_seconds"] if timed else results["accuracy"]["recipes"][recipe]["training_seconds"]["median"]
    )
    return float(seconds)


def recipes_table(results: Results, words: dict[str, Any]) -> list[tuple[str, ...]]:
    entries = results["accuracy"]["recipes"]
    script_seconds = results["speed"]["peer_step_ms"]["median"] / 1000 * TUTORIAL_STEPS
    rows = []
    for recipe in (name for name in RECIPES if name in entries):
        entry, accuracy = entries[recipe], final_accuracy(entries[recipe])
        suites, seconds = entry.get("suites", {}), training_seconds(results, recipe)
        scores = [per_cent(suites.get(name)) for name in ("edges", "corruptions")]
        rows.append((
            f"`{recipe}`", f"**{per_cent(accuracy)}**", *scores,
            duration(seconds, words), compare(seconds, script_seconds, words), str(accuracy["n"]),
        ))  # fmt: skip
    return rows


def tutorial_table(results: Results, words: dict[str, Any]) -> list[tuple[str, ...]]:
    by_step = results["accuracy"]["recipes"]["tutorial"]["test_accuracy_by_step"]
    peers = results["speed"]["peer_test_accuracy"]

    def of_script(step: str) -> str:
        values = [peer[step] for peer in peers if step in peer]
        return f"{sum(values) / len(values):.1%} (n = {len(values)})".replace("%", " %") if values else "–"

    return [
        (
            str(words["steps"]).format(int(step)),
            f"{per_cent(figure)} (n = {figure['n']})",
            of_script(step),
            TUTORIAL_SAYS.get(int(step), "–"),
        )
        for step, figure in by_step.items()
    ]


def fast_table(results: Results, words: dict[str, Any]) -> list[tuple[str, ...]]:
    found = results.get("fast")
    if found is None:
        return []
    ours, peer = found["inkproof"], found["pytorch"]
    rows = [(str(words["inkproof"]).format(found["recipe"]), ours)]
    rows += [] if peer is None else [(str(words["pytorch"]), peer)]
    table = []
    for name, row in rows:
        times = [row["training_seconds"]["median"], row["process_seconds"]["median"]]
        shown = [duration(seconds, words) for seconds in times]
        if row is peer:
            mine = [ours["training_seconds"]["median"], ours["process_seconds"]["median"]]
            shown = [f"{text} ({seconds / own:.2f}×)" for text, seconds, own in zip(shown, times, mine, strict=True)]
        table.append((name, *shown, per_cent(row["test_accuracy"]), str(row["training_seconds"]["n"])))
    script = found["tutorial_script"]
    times = f"({script['training_seconds'] / ours['training_seconds']['median']:.0f}×)"
    return [*table, (str(words["script"]), f"{duration(script['training_seconds'], words)} {times}", "–", "–",
                     str(script["step_ms"]["n"]))]  # fmt: skip


TABLES: dict[str, Callable[[Results, dict[str, Any]], list[tuple[str, ...]]]] = {
    "recipes": recipes_table,
    "tutorial": tutorial_table,
    "fast": fast_table,
}


def render(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows] if rows else []
    return "".join(f"|{'|'.join(line)}|\n" if line[0] == "---" else f"| {' | '.join(line)} |\n" for line in lines)


def write_tables(page: str, language: str, results: Results) -> str:
    """The page with the tables between its markers made anew."""
    words = WORDS[language]

    def table(found: re.Match[str]) -> str:
        name = found[2]
        return f"{found[1]}\n{render(words[name], TABLES[name](results, words))}{found[3]}"  # type: ignore[arg-type]

    return re.sub(r"(<!-- results: (\w+) -->)\n.*?(<!-- /results -->)", table, page, flags=re.DOTALL)


def header_lines(recipe: str, results: Results) -> list[str]:
    """The lines of a recipe's header that say what it reaches; none without results."""
    entry = results["accuracy"]["recipes"].get(recipe)
    if entry is None:
        return []
    accuracy, seconds = final_accuracy(entry), entry["training_seconds"]
    timed = results.get("times", {}).get("recipes", {}).get(recipe)
    suites = "".join(f", {name} {per_cent(figure)}" for name, figure in entry.get("suites", {}).items())
    spread = f"n = {accuracy['n']} seeds, mean ± sd" if accuracy["n"] > 1 else "n = 1 seed"
    machine, versions = entry["machines"][0], entry["versions"][0]
    packages = ", ".join(
        f"{name} {versions[name]}" for name in ("tensorflow-cpu", "tensorflow", "keras") if name in versions
    )
    first = entry["seeds"][0]
    time = f"{seconds['mean']:.1f}" + ("" if seconds["sd"] is None else f" ± {seconds['sd']:.1f}")
    if timed:
        time = f"{timed['training_seconds']:.1f}"
    return [
        f"# result: {per_cent(accuracy)} of the {entry['num_test_images']:,} test images{suites} ({spread})",
        f"# time: {time} s for {entry['steps']:,} steps"
        + (
            f", from the first {timed['measured_steps']:,}"
            if timed and timed["measured_steps"] < timed["steps"]
            else ""
        ),
        f"# machine: {machine['processor']}, {machine['cores']} cores, {machine['memory_gib']} GiB; {packages}",
        f"# command: inkproof train {recipe} --seeds {accuracy['n']}{f' --seed {first}' if first else ''}",
    ]


def write_header(text: str, recipe: str, results: Results) -> str:
    """The recipe with its lines of results made anew, below its first line."""
    sentence, *rest = text.splitlines()
    rest = [line for line in rest if not line.startswith(tuple(f"# {key}:" for key in HEADER_KEYS))]
    return "\n".join([sentence, *header_lines(recipe, results), *rest]) + "\n"


def main() -> None:
    results = load_results(ROOT / "benchmarks" / "results")
    made = {ROOT / name: write_tables((ROOT / name).read_text("utf-8"), language, results)
            for name, language in READMES.items()}  # fmt: skip
    for path in sorted((ROOT / "src" / "inkproof" / "recipes").glob("*.toml")):
        made[path] = write_header(path.read_text("utf-8"), path.stem, results)
    stale = [path for path, text in made.items() if path.read_text("utf-8") != text]
    if "--check" not in sys.argv:
        for path in stale:
            path.write_text(made[path], "utf-8")
    elif stale:
        sys.exit(f"error: stale: {', '.join(str(path) for path in stale)}\n  tip: python scripts/results.py")


if __name__ == "__main__":
    main()
