"""The sections of a report, one a suite: what is drawn for the networks side by side."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from inkproof.data import Dataset
from inkproof.diagnosis import corruptions
from inkproof.diagnosis import report_plots as plots
from inkproof.diagnosis.edges import PLACEMENTS
from inkproof.diagnosis.report_words import say
from inkproof.diagnosis.shifts import MAX_OFFSET
from inkproof.diagnosis.suites import SEED

# The number of each network (its colour), and the network.
Mine = Sequence[tuple[int, dict[str, Any]]]
_EXAMPLE = 0  # the test image that shows the corruptions: a 7


def percent(figure: dict[str, Any]) -> str:
    """A share for people: two places where n carries them."""
    if figure["value"] is None:
        return "–"
    return f"{figure['value'] * 100:.{2 if figure['num_digits'] >= 5_000 else 1}f}\u00a0%"


def interval(figure: dict[str, Any]) -> str:
    """The 95 % interval, in per cent."""
    if figure["value"] is None:
        return "–"
    places = 2 if figure["high"] - figure["low"] < 0.005 else 1
    return f"{figure['low'] * 100:.{places}f}–{figure['high'] * 100:.{places}f}"


def cell(figure: dict[str, Any] | None, best: float | None = None) -> str:
    """A figure with interval and n, for a table; bold where it is the best."""
    if figure is None or figure["value"] is None:
        return "–"
    shown = percent(figure)
    shown = f"<b>{shown}</b>" if best is not None and figure["value"] == best else shown
    return f"{shown}<small>{interval(figure)}, n = {figure['n']:,}</small>"


def kind_word(kind: str) -> str:
    """The key of a corruption's name; two of them are names of curves too."""
    return f"{kind}_kind" if kind in ("shear", "scale") else kind


def draw_clean(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """Confusions, classes, calibration and the worst mistakes."""
    classes = [html.escape(name) for name in evaluation["classes"]]
    tables, diagrams, mistakes = [], [], []
    for index, network in mine:
        result, name = network["suites"]["clean"], _name(index, network)
        loss = result["log_loss"]
        told = say("log_loss", value=f"{loss['value']:.4f}", n=f"{loss['n']:,}")
        tables.append(
            f'<div class="card">{name}{_confusion(result["confusion"], classes)}'
            f'<p class="help">{told}</p>'
            f"<details><summary>{say('per_class')}</summary>{_per_class(result['per_class'], classes)}</details></div>"
        )
        calibration = result["calibration"]
        told = say("calibration_help", error=f"{calibration['error'] * 100:.2f}", n=f"{calibration['n']:,}")
        diagrams.append(
            f'<div class="card" style="flex:0 1 300px">{name}{plots.reliability_diagram(calibration["bins"], index)}'
            f'<p class="help">{told}</p></div>'
        )
        mistakes.append(name + _mistakes(result["mistakes"], classes, dataset))
    return (
        f"<h3>{say('mistakes')}</h3><p class='help'>{say('mistakes_help')}</p>{''.join(mistakes)}"
        f"<h3>{say('confusion')}</h3><p class='help'>{say('confusion_help')}</p>{_cards(tables)}"
        f"<h3>{say('calibration')}</h3>{_cards(diagrams)}"
    )


def draw_edges(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """Nine places of the frame, the middle as they are."""
    del evaluation
    by_place = {place: name for name, place in PLACEMENTS.items()}
    cards = []
    for index, network in mine:
        rows = []
        for down in (-1, 0, 1):
            cells = []
            for across in (-1, 0, 1):
                if (across, down) == (0, 0):
                    figure = network["suites"].get("clean", {}).get("score")
                else:
                    figure = network["suites"]["edges"]["parts"][by_place[across, down]]
                cells.append(_heat_cell(figure))
            rows.append(f"<tr>{''.join(cells)}</tr>")
        cards.append(f'<div class="card">{_name(index, network)}<table class="heat">{"".join(rows)}</table></div>')
    told = say("edges_help", n=f"{len(dataset.test):,}")
    return f"<p class='help'>{told}</p>{_cards(cards)}{plots.scale_legend()}"


def draw_shifts(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """The translation-sensitivity maps, whole and cut, by distance and by class."""
    del dataset
    cards, lines, classes = [], [], []
    for index, network in mine:
        result = network["suites"]["shifts"]
        maps = "".join(
            f'<div class="card"><p class="help">{say(kind)}: {cell(result["parts"][kind])}</p>'
            f"{plots.shift_map(result[kind]['num_right'], result[kind]['n'], result['offsets'])}</div>"
            for kind in ("whole", "cut")
        )
        cards.append(f'{_name(index, network)}<div class="cards inline">{maps}</div>')
        steps = range(MAX_OFFSET + 1)
        lines.append([{"at": float(step), **result["parts"][f"whole_at_{step}"]} for step in steps])
        small = "".join(
            f"<figure>{_small_map(entry, evaluation['classes'][entry['class']])}<figcaption>"
            f"{html.escape(evaluation['classes'][entry['class']])}<br><small>{_share_of(entry['figure'])}</small></figcaption></figure>"
            for entry in result["per_class"]
        )
        classes.append(f'{_name(index, network)}<div class="classes">{small}</div>')
    digits = mine[0][1]["suites"]["shifts"]["parts"]["cut"]["num_digits"]
    return (
        f"<p class='help'>{say('shifts_help', digits=f'{digits:,}')}</p>{''.join(cards)}{plots.scale_legend()}"
        f"<h3>{say('by_distance')}</h3><p class='help'>{say('by_distance_help')}</p>"
        f"{_legend(mine)}{plots.line_chart(lines, width=520)}{_curve_table(mine, lines)}"
        f"<h3>{say('shifts_classes')}</h3>{''.join(classes)}"
    )


def draw_affine(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """Three curves, and all at once."""
    del evaluation, dataset
    mixed = "".join(
        f'<div class="card">{_name(index, network)}{cell(network["suites"]["affine"]["score"])}</div>'
        for index, network in mine
    )
    curves = _curves(mine, "affine", ("turn", "scale", "shear"))
    return f"{curves}<h3>{say('mixed')}</h3><div class='cards inline'>{mixed}</div>"


def draw_corruptions(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """A row a kind: what it looks like, five severities and their mean for each network."""
    del evaluation
    digit = dataset.test.images[_EXAMPLE : _EXAMPLE + 1, :, :, 0]
    head = "".join(f'<th colspan="2">{plots.sign(i)}{html.escape(network["name"])}</th>' for i, network in mine)
    rows = []
    for number, kind in enumerate(corruptions.KINDS):
        spoilt = [corruptions.corrupt(digit, kind, severity, SEED + number)[0] for severity in corruptions.SEVERITIES]
        strip = np.concatenate([np.pad(image, ((0, 0), (0, 2))) for image in spoilt], axis=1)
        parts = [f"<td>{plots.png(strip, alt=f'{kind}, 1 to 5')}</td>"]
        best = max(network["suites"]["corruptions"]["parts"][kind]["value"] for _, network in mine)
        for _, network in mine:
            result = network["suites"]["corruptions"]
            five = "".join(_five(figure) for figure in result["severities"][kind])
            mean = result["parts"][kind]
            shown = f"<b>{percent(mean)}</b>" if len(mine) > 1 and mean["value"] == best else percent(mean)
            parts.append(f'<td><span class="five">{five}</span></td><td>{shown}<small>{interval(mean)}</small></td>')
        rows.append(f"<tr><th>{say(kind_word(kind))}</th>{''.join(parts)}</tr>")
    means = "".join(f"<td></td><td>{cell(network['suites']['corruptions']['score'])}</td>" for _, network in mine)
    rows.append(f"<tr><th><b>{say('mean')}</b></th><td></td>{means}</tr>")
    first = mine[0][1]["suites"]["corruptions"]
    n, total = first["severities"]["fog"][0]["n"], first["parts"]["fog"]["n"]
    return (
        f"<p class='help'>{say('corruptions_help', n=f'{n:,}', total=f'{total:,}')}</p>"
        f"<div class='scroll'><table><thead><tr><th>{say('kind')}</th><th></th>{head}</tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>{plots.scale_legend()}"
    )


def draw_strokes(mine: Mine, evaluation: dict[str, Any], dataset: Dataset) -> str:
    """Curves over thickness, pens and gaps."""
    del evaluation, dataset
    return _curves(mine, "strokes", ("thickness", "pen", "gaps"))


SECTIONS: dict[str, Callable[[Mine, dict[str, Any], Dataset], str]] = {
    "clean": draw_clean,
    "edges": draw_edges,
    "shifts": draw_shifts,
    "affine": draw_affine,
    "corruptions": draw_corruptions,
    "strokes": draw_strokes,
}


def _name(index: int, network: dict[str, Any]) -> str:
    return f"<h3>{plots.sign(index)}{html.escape(network['name'])}</h3>"


def _cards(cards: list[str]) -> str:
    return f'<div class="cards">{"".join(cards)}</div>'


def _legend(mine: Mine) -> str:
    names = "".join(f"<span>{plots.sign(index)}{html.escape(network['name'])}</span>" for index, network in mine)
    return f'<p class="cards help">{names}</p>'


def _curves(mine: Mine, suite: str, names: tuple[str, ...]) -> str:
    cards = []
    for name in names:
        lines = [network["suites"][suite]["curves"][name] for _, network in mine]
        told = say("curve_help", n=f"{lines[0][0]['n']:,}")
        cards.append(
            f'<div class="card"><h3>{say(name)}</h3>{_legend(mine)}{plots.line_chart(lines)}'
            f'<p class="help">{told}</p>{_curve_table(mine, lines)}</div>'
        )
    return _cards(cards)


def _curve_table(mine: Mine, lines: list[list[dict[str, Any]]]) -> str:
    """What a chart shows, for those who would rather read it."""
    head = "".join(f"<th>{plots.sign(index)}{html.escape(network['name'])}</th>" for index, network in mine)
    rows = "".join(
        f"<tr><th>{points[0]['at']:g}</th>{''.join(f'<td>{cell(point)}</td>' for point in points)}</tr>".replace(
            "<th>-", "<th>−"
        )
        for points in zip(*lines, strict=True)
    )
    return (
        f"<details><summary>{say('values')}</summary><div class='scroll'><table class='inline'><thead><tr><th></th>"
        f"{head}</tr></thead><tbody>{rows}</tbody></table></div></details>"
    )


def _heat_cell(figure: dict[str, Any] | None) -> str:
    if figure is None or figure["value"] is None:
        return "<td>–</td>"
    share = figure["value"]
    style = f"background:{plots.colour_of(share)};color:{plots.text_colour_on(share)}"
    return f'<td style="{style}">{share * 100:.1f} %<small>{interval(figure)}</small></td>'


def _five(figure: dict[str, Any]) -> str:
    share = figure["value"]
    style = f"background:{plots.colour_of(share)};color:{plots.text_colour_on(share)}"
    return f'<b style="{style}" title="{interval(figure)}, n = {figure["n"]:,}">{share * 100:.0f}</b>'


def _confusion(confusion: list[list[int]], classes: list[str]) -> str:
    counts = np.array(confusion)
    most = max(1, int((counts - np.diag(np.diag(counts))).max()))
    head = "".join(f"<th>{name}</th>" for name in classes)
    rows = []
    for row, name in enumerate(classes):
        cells = []
        for column in range(len(classes)):
            count = int(counts[row, column])
            if row == column:
                cells.append(f'<td class="right">{count:,}</td>')
            else:  # the more often, the redder; a nothing is quiet
                style = f' style="background:rgba(213,94,0,{count / most * 0.7:.2f})"' if count else ""
                cells.append(f"<td{style}>{count or '<span class=soft>·</span>'}</td>")
        rows.append(f"<tr><th>{name}</th>{''.join(cells)}<td class='soft'>{int(counts[row].sum()):,}</td></tr>")
    return (
        f"<div class='scroll'><table class='confusion'><thead><tr><th></th>{head}<th>n</th></tr></thead>"
        f"<tbody>{''.join(rows)}</tbody></table></div>"
    )


def _per_class(entries: list[dict[str, Any]], classes: list[str]) -> str:
    rows = "".join(
        f"<tr><th>{classes[entry['class']]}</th><td>{cell(entry['precision'])}</td><td>{cell(entry['recall'])}</td></tr>"
        for entry in entries
    )
    return (
        f"<div class='scroll'><table class='inline'><thead><tr><th>{say('class')}</th><th>{say('precision')}</th>"
        f"<th>{say('recall')}</th></tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _mistakes(mistakes: list[dict[str, Any]], classes: list[str], dataset: Dataset) -> str:
    if not mistakes:
        return f"<p>{say('no_mistakes')}</p>"
    figures = []
    for mistake in mistakes:
        image = dataset.test.images[mistake["index"]]
        pixels = image[..., 0] if image.shape[-1] == 1 else image
        truth, answer = classes[mistake["label"]], classes[mistake["answer"]]
        picture = plots.png(pixels, alt=f"test image {mistake['index']}: {truth}, read as {answer}", scale=2)
        figures.append(
            f"<figure>{picture}<figcaption>{truth} → <b>{answer}</b><br>"
            f"<small>{mistake['probability'] * 100:.1f} %<br>#{mistake['index']}</small></figcaption></figure>"
        )
    return f'<div class="mistakes">{"".join(figures)}</div>'


def _small_map(entry: dict[str, Any], name: str) -> str:
    n = np.array(entry["n"], dtype=np.float64)
    n[n == 0] = np.nan
    return plots.png(plots.heat_picture(np.array(entry["num_right"]) / n), alt=f"{name}", scale=4)


def _share_of(figure: dict[str, Any]) -> str:
    if figure["value"] is None:
        return "–"
    return f"{percent(figure)}<br>{interval(figure)}<br>n = {figure['n']:,}"
