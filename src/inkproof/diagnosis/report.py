"""A report on an evaluation: one HTML file that asks for nothing outside of itself, in two languages.

Puts the sections together and says the summary; the sections are in `report_sections.py`.
"""

from __future__ import annotations

import html
from pathlib import Path
from typing import Any

from inkproof.data import Dataset
from inkproof.diagnosis import report_sections as sections
from inkproof.diagnosis.corruptions import KINDS
from inkproof.diagnosis.report_plots import sign
from inkproof.diagnosis.report_words import PROTOCOLS_IN_CHINESE, both, say
from inkproof.diagnosis.shifts import MAX_OFFSET

_SUITES = ("clean", "edges", "shifts", "affine", "corruptions", "strokes")
_STYLE = Path(__file__).with_name("report.css")
# Whoever reads Chinese finds it; everything works without.
_SCRIPT = "if(/^zh/i.test(navigator.language))document.getElementById('chinese').checked=true"
# Nothing outside may be asked for, even by a slip.
_POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


def render_report(evaluation: dict[str, Any], dataset: Dataset) -> str:
    """Draw an evaluation as a page.

    Args:
        evaluation: What `evaluation.evaluate` gave, or the JSON of `inkproof evaluate --json`.
        dataset: The data set that it was about: its test images are shown.

    Returns:
        HTML. The same evaluation gives the same page.
    """
    networks = evaluation["networks"]
    measured = [name for name in _SUITES if any(name in network["suites"] for network in networks)]
    body = [_summary(networks, measured), _overview(networks, measured)]
    for name in measured:
        # A suite that only some of the networks were judged by is shown for those.
        mine = [(index, network) for index, network in enumerate(networks) if name in network["suites"]]
        body.append(f'<section id="{name}"><h2>{say(name)}</h2>')
        body.append(sections.SECTIONS[name](mine, evaluation, dataset))
        body.append("</section>")
    body.append(_how(evaluation, measured))
    names = ", ".join(html.escape(network["name"]) for network in networks)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<title>Inkproof: {names}</title>
<link rel="icon" href="data:,">
<style>{_STYLE.read_text("utf-8")}</style>
</head>
<body>
<input class="radio" type="radio" name="language" id="english" aria-label="English" checked>
<input class="radio" type="radio" name="language" id="chinese" aria-label="简体中文">
<header><h1>{say("title")}</h1>
<div class="languages"><label for="english">English</label><label for="chinese">简体中文</label></div></header>
<main><p class="help">{say("lead")}</p>
{chr(10).join(body)}
</main>
<footer class="soft">Inkproof</footer>
<script>{_SCRIPT}</script>
</body>
</html>
"""


def _summary(networks: list[dict[str, Any]], measured: list[str]) -> str:
    cards = []
    for index, network in enumerate(networks):
        results = {name: network["suites"][name] for name in measured if name in network["suites"]}
        said = "".join(f"<li>{sentence}</li>" for sentence in _sentences(results))
        cards.append(f'<div class="card"><h3>{sign(index)}{html.escape(network["name"])}</h3><ul>{said}</ul></div>')
    return f'<section class="summary"><h2>{say("summary")}</h2><div class="cards">{"".join(cards)}</div></section>'


def _sentences(results: dict[str, Any]) -> list[str]:
    """What a person would say of one network, a sentence a suite."""
    clean = results["clean"]["score"]["value"] if "clean" in results else None
    said = []
    for name, result in results.items():
        figure = result["score"]
        if figure["value"] is None:
            continue
        facts: dict[str, Any] = {
            "share": f"<b>{sections.percent(figure)}</b>",
            "interval": f'<span class="whole">{sections.interval(figure)}</span>',
            "n": f"{figure['n']:,}",
        }
        if name in ("edges", "affine", "strokes"):
            facts["lost"] = _lost(clean, figure["value"])
        if name == "shifts":
            facts["reach"] = _reach(result["parts"])
        if name == "corruptions":
            facts["worst"] = _worst(result["parts"])
        said.append(say(f"say_{name}", **facts))
        if name == "clean":
            calibration = result["calibration"]
            said.append(say("say_calibration", points=f"{calibration['error'] * 100:.1f}", n=f"{calibration['n']:,}"))
    return said


def _lost(clean: float | None, share: float) -> tuple[str, str]:
    if clean is None:
        return "", ""
    points = (clean - share) * 100
    return both("lost", points=f"{points:.0f}" if points >= 9.5 else f"{points:.1f}") if points >= 0.5 else both("kept")


def _reach(parts: dict[str, Any]) -> tuple[str, str]:
    """How far from the middle whole digits are read within a point of the middle's accuracy."""
    middle = parts["whole_at_0"]["value"]
    if middle is None:
        return "", ""
    reach = 0
    for step in range(1, MAX_OFFSET + 1):
        figure = parts[f"whole_at_{step}"]
        if figure["value"] is not None and figure["value"] < middle - 0.01:
            if reach == 0:
                return both("reach_none", points=f"{(middle - figure['value']) * 100:.0f}")
            return both("reach", pixels=str(reach))
        reach = step
    return both("reach_all")


def _worst(parts: dict[str, Any]) -> tuple[str, str]:
    kinds = sorted((kind for kind in KINDS if kind in parts), key=lambda kind: (parts[kind]["value"], kind))[:3]
    pairs = [(both(sections.kind_word(kind)), f"{parts[kind]['value'] * 100:.0f} %") for kind in kinds]
    return (
        ", ".join(f"{words[0]} ({share})" for words, share in pairs),
        "、".join(f"{words[1]}（{share}）" for words, share in pairs),
    )


def _overview(networks: list[dict[str, Any]], measured: list[str]) -> str:
    head = "".join(f"<th>{sign(i)}{html.escape(network['name'])}</th>" for i, network in enumerate(networks))
    rows = []
    for name in measured:
        figures = [network["suites"][name]["score"] if name in network["suites"] else None for network in networks]
        values = [figure["value"] for figure in figures if figure is not None and figure["value"] is not None]
        best = max(values, default=None) if len(networks) > 1 else None
        cells = "".join(f"<td>{sections.cell(figure, best)}</td>" for figure in figures)
        rows.append(f'<tr><th><a href="#{name}">{say(name)}</a></th>{cells}</tr>')
    note = f'<p class="help">{say("best")}</p>' if len(networks) > 1 else ""
    return (
        f"<section><h2>{say('all_suites')}</h2><div class='scroll'><table><thead><tr><th>{say('suite')}</th>{head}"
        f"</tr></thead><tbody>{''.join(rows)}</tbody></table></div>{note}</section>"
    )


def _how(evaluation: dict[str, Any], measured: list[str]) -> str:
    data = evaluation["dataset"]
    parts = [f"<h2>{say('how')}</h2>"]
    told = say("how_data", dataset=html.escape(data["name"]), n=f"{data['num_images']:,}", sha=_short(data))
    parts.append(f"<p>{told}</p>")
    protocols = {
        name: network["suites"][name]["protocol"]
        for network in evaluation["networks"]
        for name in measured
        if name in network["suites"]
    }
    for name, text in protocols.items():
        told = f'<span lang="en">{html.escape(text)}</span><span lang="zh-Hans">{PROTOCOLS_IN_CHINESE[name]}</span>'
        parts.append(f"<p><b>{say(name)}</b> <code>{name}</code>: {told}</p>")
    rows = []
    for index, network in enumerate(evaluation["networks"]):
        every = [result["measured"] for result in network["suites"].values()]
        if not every:
            continue
        last = max(every, key=lambda entry: entry["ended_at"])
        machine = ", ".join(f"{key} {value}" for key, value in last["machine"].items())
        versions = ", ".join(f"{key} {value}" for key, value in last["versions"].items())
        facts = {
            "file": _short(network),
            "how_time": f"{sum(entry['seconds'] for entry in every):.0f}",
            "measured": last["ended_at"],
            "machine": machine,
            "versions": versions,
        }
        cells = "".join(f"<p class='soft'>{say(key)}: {html.escape(value)}</p>" for key, value in facts.items())
        rows.append(f"<h3>{sign(index)}{html.escape(network['name'])}</h3>{cells}")
    if evaluation.get("command"):
        parts.append(f"<p>{say('command')}: <code>{html.escape(evaluation['command'])}</code></p>")
    return f"<section id='how'>{''.join(parts)}{''.join(rows)}</section>"


def _short(entry: dict[str, Any]) -> str:
    return str(entry["sha256"])[:12]
