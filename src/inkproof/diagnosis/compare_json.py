"""A comparison as JSON: what `inkproof compare --json` prints and `GET /api/compare` answers."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from inkproof.diagnosis.metrics import wilson

if TYPE_CHECKING:
    from inkproof.diagnosis.compare import Comparison, Group, Report
    from inkproof.diagnosis.groups import Trained

FORMAT = 1


def as_dict(report: Report) -> dict[str, Any]:
    """A comparison as dictionaries and lists; shares from 0 to 1, seconds, counts."""
    return {
        "format": FORMAT,
        "judged_on": asdict(report.judged_on),
        "verdict": asdict(report.verdict),
        "settings": [{"name": name, "values": values} for name, values in report.settings.items()],
        "groups": [_group(group) for group in report.groups],
        "comparisons": [_comparison(comparison) for comparison in report.comparisons],
        "remarks": [asdict(remark) for remark in report.remarks],
        "num_pending": report.num_pending,
    }


def _group(group: Group) -> dict[str, Any]:
    return {
        "label": group.label,
        "runs": [_run(trained) for trained in group.runs],
        "accuracy": {
            "mean": round(group.mean, 6),
            "low": round(group.low, 6),
            "high": round(group.high, 6),
            "interval_over": group.interval_over,
            "spread": None if group.spread is None else round(group.spread, 6),
        },
        "seconds": None if group.seconds is None else round(group.seconds, 3),
        "images_seen": group.images_seen,
        "num_parameters": group.num_parameters,
        "curves": {name: asdict(curve) for name, curve in group.curves.items()},
    }


def _run(trained: Trained) -> dict[str, Any]:
    n = trained.judged_on.num_images
    low, high = wilson(trained.num_right, n)
    accuracy = {"value": trained.num_right / n, "n": n, "low": round(low, 6), "high": round(high, 6)}
    return {
        "name": trained.run.name,
        "seed": trained.record.seed,
        "accuracy": {**accuracy, "set": trained.judged_on.set},
        "seconds": trained.record.timings_seconds.get("training"),
    }


def _comparison(comparison: Comparison) -> dict[str, Any]:
    test = comparison.test
    return {
        "group": comparison.group,
        "about": comparison.about,
        "finding": comparison.finding,
        "method": None if test is None else test.method,
        "difference": None if test is None else round(test.difference, 6),
        "low": None if test is None else round(test.low, 6),
        "high": None if test is None else round(test.high, 6),
        "p_value": None if test is None else test.p_value,
        "p_holm": comparison.p_holm,
        "only_first": None if test is None else test.only_first,
        "only_second": None if test is None else test.only_second,
        "more_seeds": comparison.more_seeds,
        "text": asdict(comparison.text),
    }
