"""Which of the searched settings mattered: PED-ANOVA over a sweep's trials. Loads Optuna only when asked."""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Sequence
from dataclasses import dataclass

from inkproof.sweep.distributions import make_distribution
from inkproof.sweep.record import SweepPlan
from inkproof.sweep.space import Dimension, Value
from inkproof.sweep.table import TrialRow

# Fewer say nothing: of eight trials the better half are four.
MIN_TRIALS = 8
# PED-ANOVA looks at where the best trials lie. A tenth of them is usual, but of few trials at least so many.
_BEST_FRACTION, _FEWEST_BEST = 0.1, 5
_MAX_BEST_FRACTION = 0.5
_ENDED = ("finished", "stopped early", "diverged")


@dataclass(frozen=True)
class Importance:
    """How much each setting decided whether a trial is among the best.

    Attributes:
        shares: For each setting its part in it; all together are 1. The largest first.
        num_best: How many trials count as the best.
        num_trials: How many trials it rests on.
    """

    shares: dict[str, float]
    num_best: int
    num_trials: int


def find_importance(plan: SweepPlan, rows: Sequence[TrialRow]) -> Importance | None:
    """Weigh the searched settings by where the best trials lie (PED-ANOVA, Watanabe et al. 2023).

    A setting matters much if the best trials have other values of it than all trials together, and not at all if they
    have any. Only the order of the scores counts, so a trial that diverged is simply the worst. The same trials give
    the same answer.

    Args:
        plan: What is searched.
        rows: The sweep's trials. Those that have not ended, failed, or lie outside of the space are left out.

    Returns:
        The shares; None where nothing can be said: with one setting, fewer than eight trials, scores that are all
        equal, or without Optuna.
    """
    scored = [(row.settings, row.score or 0.0) for row in rows if _counts(row, plan.space)]
    is_sayable = len(plan.space) > 1 and len(scored) >= MIN_TRIALS and len({score for _, score in scored}) > 1
    if not is_sayable or importlib.util.find_spec("optuna") is None:
        return None
    fraction = min(_MAX_BEST_FRACTION, max(_BEST_FRACTION, _FEWEST_BEST / len(scored)))
    shares = _weigh(plan.space, scored, fraction)
    ordered = dict(sorted(shares.items(), key=lambda share: -share[1]))
    return Importance(ordered, round(fraction * len(scored)), len(scored))


def _counts(row: TrialRow, space: Sequence[Dimension]) -> bool:
    is_inside = all(dimension.holds(row.settings.get(dimension.name)) for dimension in space)
    return is_inside and row.status in _ENDED and (row.score is not None or row.status == "diverged")


def _weigh(
    space: Sequence[Dimension], scored: Sequence[tuple[dict[str, Value], float]], fraction: float
) -> dict[str, float]:
    import optuna
    from optuna.importance import PedAnovaImportanceEvaluator, get_param_importances

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize")
    distributions = {dimension.name: make_distribution(dimension) for dimension in space}
    study.add_trials([
        optuna.create_trial(
            params={name: settings[name] for name in distributions}, distributions=distributions, value=score
        )
        for settings, score in scored
    ])  # fmt: skip
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that it is experimental
        evaluator = PedAnovaImportanceEvaluator(target_quantile=fraction)
        found = get_param_importances(study, evaluator=evaluator)
    return {dimension.name: float(found.get(dimension.name, 0.0)) for dimension in space}
