"""Every sentence of a comparison, in English and in simplified Chinese. Decides nothing: it says what was found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from inkproof.diagnosis.significance import MAX_SEEDS

if TYPE_CHECKING:
    from inkproof.diagnosis.compare import Comparison, Group

# Up to so many differing settings are named in a verdict; more are told by the names of the groups.
_MAX_NAMED = 2


@dataclass(frozen=True)
class Text:
    """A sentence or more in both languages."""

    en: str
    zh: str


WORDS: dict[str, tuple[str, str]] = {
    # ── settings, by several seeds ──
    "better": (
        "{change}: better by {size} ± {half} points (95 %; {seeds}{corrected}).{several}",
        "{change}：高 {size} ± {half} 个百分点（95%；{seeds}{corrected}）。{several}",
    ),
    "worse": (
        "{change}: worse by {size} ± {half} points (95 %; {seeds}{corrected}).{several}",
        "{change}：低 {size} ± {half} 个百分点（95%；{seeds}{corrected}）。{several}",
    ),
    "none": (
        "{change}: no difference that these runs can show: {signed} ± {half} points (95 %; {seeds}{corrected}).{plan}",
        "{change}：这些训练看不出差别：{signed} ± {half} 个百分点（95%；{seeds}{corrected}）。{plan}",
    ),
    "seeds": ("{n} seeds each", "各 {n} 个种子"),
    "seeds_paired": ("{n} seeds each, the same ones", "各 {n} 个相同的种子"),
    "seeds_unequal": ("{first} and {second} seeds", "分别为 {first} 个和 {second} 个种子"),
    "corrected": (
        "; holds among {m} comparisons, Holm’s p {p}",
        "；在 {m} 次比较中仍成立，Holm 校正 p {p}",
    ),
    "corrected_away": (
        "; alone p {alone}, but among {m} comparisons Holm’s p {p}",
        "；单独看 p {alone}，但在 {m} 次比较中 Holm 校正 p {p}",
    ),
    "several": (
        " {n} settings differ at once: which of them does it, these runs cannot say.",
        "有 {n} 项设置同时不同：究竟是哪一项起作用，这些训练说明不了。",
    ),
    "plan_each": (
        " If the true difference is the one seen, {n} more seeds each would show it in four of five cases.",
        "如果真实差别就是所见到的，各再训练 {n} 个种子，五次中有四次能看出来。",
    ),
    "plan_total": (
        " If the true difference is the one seen, {n} seeds each would show it in four of five cases.",
        "如果真实差别就是所见到的，各训练 {n} 个种子，五次中有四次能看出来。",
    ),
    "plan_never": (
        " If the true difference is the one seen, not even {n} seeds each would show it in four of five cases.",
        "如果真实差别就是所见到的，即使各训练 {n} 个种子，五次中也不足四次能看出来。",
    ),
    "plan_equal": (
        " The means are equal: nothing was seen that more seeds could be planned for.",
        "两者平均值相等：没有看到可据以计划更多种子的差别。",
    ),
    "too_few": (
        "{change}: one training of ‘{single}’ cannot tell; {signed} points were seen. Train at least two seeds of "
        "each, better five or more. How many it takes is not known before the spread between seeds is.",
        "{change}：“{single}”只训练了一次，无法判断；所见相差 {signed} 个百分点。每种设置至少训练两个种子，"
        "最好五个以上。在知道种子之间的波动之前，无法知道需要多少个。",
    ),
    "no_spread": (
        "{change}: {signed} points were seen, but no seed made any difference, so that there is no spread to judge by.",
        "{change}：所见相差 {signed} 个百分点，但种子之间毫无差别，因此没有可供判断的波动。",
    ),
    # ── two networks ──
    "networks_differ": (
        "These two networks differ: ‘{better}’ reads {size} points more of the {n} images right than ‘{other}’ "
        "(95 % interval {low} to {high}; McNemar’s exact test, p {p}{among}). Whether the setting does ({change}) "
        "needs more seeds: one training each cannot tell.",
        "这两个网络有差别：在 {n} 张图像上，“{better}”比“{other}”多读对 {size} 个百分点（95% 区间 {low} 至 {high}；"
        "McNemar 精确检验，p {p}{among}）。差别是否来自设置（{change}），需要更多种子：各训练一次无法判断。",
    ),
    "networks_alike": (
        "These two networks show no difference: of the {n} images ‘{second}’ alone reads {only_second} right and "
        "‘{first}’ alone {only_first}, as chance may do (McNemar’s exact test, p {p}{among}). Whether the setting "
        "({change}) makes a difference needs more seeds: one training each cannot tell.",
        "这两个网络看不出差别：在 {n} 张图像中，只有“{second}”读对的有 {only_second} 张，只有“{first}”读对的有 "
        "{only_first} 张，偶然也会如此（McNemar 精确检验，p {p}{among}）。设置（{change}）是否造成差别，需要更多种子："
        "各训练一次无法判断。",
    ),
    "among": (", corrected for {m} comparisons by Holm", "，按 {m} 次比较作 Holm 校正"),
    "pending": (
        "‘{second}’ and ‘{first}’: the networks are still answering the images.",
        "“{second}”与“{first}”：网络还在回答这些图像。",
    ),
    # ── the headline ──
    "headline_same": (
        "These {n} runs differ by nothing but their seed: {mean} % of the images right on average, with a standard "
        "deviation of {spread} points between seeds. There is no setting to compare.",
        "这 {n} 次训练除种子外完全相同：平均读对 {mean}% 的图像，种子之间的标准差为 {spread} 个百分点。"
        "没有可比较的设置。",
    ),
    "headline_many": ("Compared with ‘{baseline}’: {counts}.", "与“{baseline}”相比：{counts}。"),
    "count_better": ("{n} better", "{n} 个更好"),
    "count_worse": ("{n} worse", "{n} 个更差"),
    "count_none": ("{n} without a difference that these runs can show", "{n} 个看不出差别"),
    "count_unknown": ("{n} not to be told yet", "{n} 个尚无法判断"),
    "and": ("; ", "；"),
    # ── what differs ──
    "instead": ("‘{second}’ instead of ‘{first}’", "用“{second}”代替“{first}”"),
    "nothing": ("–", "–"),
    "fork_step": ("fork at step", "分叉的步数"),
    "before_fork": ("{setting} before the fork", "分叉前的 {setting}"),
    "fork_step_later": ("fork {n} at step", "第 {n} 次分叉的步数"),
    "before_fork_later": ("{setting} before fork {n}", "第 {n} 次分叉前的 {setting}"),
    # ── remarks ──
    "left_out": ("‘{run}’ is left out: it is {status}.", "未计入“{run}”：它的状态是{status}。"),
    "left_out_diverged": (
        "‘{run}’ diverged and is left out: its setting does worse than the figures say.",
        "“{run}”已发散，未计入：它的设置实际上比数字所示更差。",
    ),
    "left_out_broken": (
        "‘{run}’ is left out: its folder is no whole run; `inkproof runs show {run}` says why.",
        "未计入“{run}”：它的文件夹不是完整的训练；`inkproof runs show {run}` 会说明原因。",
    ),
    "same_seed": (
        "‘{run}’ is left out: it has settings and seed ({seed}) of ‘{other}’, so it is the same training again.",
        "未计入“{run}”：它与“{other}”的设置和种子（{seed}）相同，是同一次训练的重复。",
    ),
    "validation": (
        "Judged by {n} training images that were held out, not by the test images.",
        "按 {n} 张留出的训练图像评判，而不是测试图像。",
    ),
    "versions": (
        "The runs were not all trained with the same versions of: {names}.",
        "这些训练使用的以下软件版本不尽相同：{names}。",
    ),
    "machines": (
        "The runs were trained on {n} kinds of machines: their seconds cannot be compared.",
        "这些训练在 {n} 种机器上进行：用时不可相互比较。",
    ),
}

_STATUS = {
    "queued": ("still waiting for its turn", "排队等待中"),
    "running": ("still learning", "学习中"),
    "interrupted": ("interrupted", "已中断"),
    "diverged": ("diverged", "已发散"),
    "failed": ("failed", "失败"),
    "finished": ("finished without a measured accuracy", "已完成但没有测得准确率"),
}


def say(key: str, **values: str | Text) -> Text:
    """A sentence in both languages.

    Args:
        key: Its name in `WORDS`.
        values: What stands in it.

    Example:
        >>> say("seeds", n="3").en
        '3 seeds each'
    """
    english, chinese = WORDS[key]
    return Text(
        english.format(**{name: value if isinstance(value, str) else value.en for name, value in values.items()}),
        chinese.format(**{name: value if isinstance(value, str) else value.zh for name, value in values.items()}),
    )


def status(name: str) -> Text:
    """A status of a run that cannot be compared."""
    return Text(*_STATUS[name])


def format_value(value: Any) -> str:
    """A setting's value, as short as TOML allows.

    Example:
        >>> format_value(0.0001), format_value(True), format_value(None)
        ('0.0001', 'true', '–')
    """
    if value is None:
        return WORDS["nothing"][0]
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) else str(value)


def name_setting(name: str) -> Text:
    """A setting as it is written; those of a fork's beginning in words.

    Example:
        >>> name_setting("learning_rate").en, name_setting("beginnings.0.learning_rate").en
        ('learning_rate', 'learning_rate before the fork')
    """
    if not is_of_beginning(name):
        return Text(name, name)
    _, number, setting = name.split(".")
    key = "fork_step" if setting == "last_step" else "before_fork"
    return say(key if number == "0" else f"{key}_later", setting=setting, n=str(int(number) + 1))


def is_of_beginning(name: str) -> bool:
    """Whether a setting, by dotted name, is one of a fork's beginning."""
    return name.startswith("beginnings.")


def format_change(name: str, old: Any, new: Any) -> str:
    """One setting that differs.

    Example:
        >>> format_change("learning_rate", 0.0001, 0.001)
        'learning_rate 0.0001 → 0.001 (×10)'
    """
    text = f"{name} {format_value(old)} → {format_value(new)}"
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in (old, new)) or min(old, new) <= 0:
        return text
    sign, factor = ("×", f"{new / old:.3g}") if new > old else ("÷", f"{old / new:.3g}")
    return text if factor == "1" else f"{text} ({sign}{factor})"  # 300 → 301 is no factor


def verdict(baseline: Group, group: Group, comparison: Comparison, num_tests: int) -> Text:
    """What one comparison says.

    Args:
        baseline: The group that the other is compared with.
        group: The other group.
        comparison: What was found.
        num_tests: How many comparisons share the level.
    """
    differing = [name for name in dict.fromkeys([*baseline.settings, *group.settings])
                 if baseline.settings.get(name) != group.settings.get(name)]  # fmt: skip
    change: str | Text = say("instead", first=baseline.label, second=group.label)
    if len(differing) <= _MAX_NAMED:
        named = [(name_setting(name), baseline.settings.get(name), group.settings.get(name)) for name in differing]
        change = Text(
            ", ".join(format_change(name.en, old, new) for name, old, new in named),
            ", ".join(format_change(name.zh, old, new) for name, old, new in named),
        )
    if comparison.about == "networks":
        return _verdict_on_networks(baseline, group, comparison, num_tests, change)
    test = comparison.test
    if test is None:
        single = next((one for one in (group, baseline) if len(one.runs) == 1), None)
        signed = _signed(group.mean - baseline.mean)
        if single is None:
            return say("no_spread", change=change, signed=signed)
        return say("too_few", change=change, signed=signed, single=single.label)
    return say(
        comparison.finding,
        change=change,
        size=_points(abs(test.difference)),
        signed=_signed(test.difference),
        half=_points((test.high - test.low) / 2),
        seeds=_seeds(baseline, group, test.method),
        corrected=_correction(comparison, num_tests),
        several=say("several", n=str(len(differing))) if len(differing) > 1 else "",
        plan=_plan(baseline, group, comparison),
    )


def headline(baseline: Group, found: Sequence[tuple[str, Text]]) -> Text:
    """The whole in a sentence: the one verdict, or how many of each kind there are."""
    if not found:
        mean, spread = f"{baseline.mean * 100:.2f}", _points(baseline.spread or 0.0)
        return say("headline_same", n=str(len(baseline.runs)), mean=mean, spread=spread)
    if len(found) == 1:
        return found[0][1]
    kinds = [finding for finding, _ in found]
    parts = [say(f"count_{kind}", n=str(kinds.count(kind))) for kind in ("better", "worse", "none", "unknown")
             if kind in kinds]  # fmt: skip
    counts = Text("; ".join(part.en for part in parts), "；".join(part.zh for part in parts))
    return say("headline_many", baseline=baseline.label, counts=counts)


def _verdict_on_networks(
    baseline: Group, group: Group, comparison: Comparison, num_tests: int, change: str | Text
) -> Text:
    first, second = (one.runs[0].run.name for one in (baseline, group))
    test, p_holm = comparison.test, comparison.p_holm
    if test is None or p_holm is None:
        return say("pending", first=first, second=second)
    n = group.runs[0].judged_on.num_images
    is_better = test.difference > 0
    ends = (test.low, test.high) if is_better else (-test.high, -test.low)
    return say(
        "networks_alike" if comparison.finding == "none" else "networks_differ",
        first=first,
        second=second,
        better=second if is_better else first,
        other=first if is_better else second,
        size=_points(abs(test.difference)),
        low=_points(ends[0]),
        high=_points(ends[1]),
        only_second=f"{test.only_second:,}",
        only_first=f"{test.only_first:,}",
        n=f"{n:,}",
        p=_p(p_holm),
        among=say("among", m=str(num_tests)) if num_tests > 1 else "",
        change=change,
    )


def _seeds(baseline: Group, group: Group, method: str) -> Text:
    first, second = len(baseline.runs), len(group.runs)
    if first != second:
        return say("seeds_unequal", first=str(first), second=str(second))
    return say("seeds_paired" if method == "paired" else "seeds", n=str(first))


def _correction(comparison: Comparison, num_tests: int) -> str | Text:
    test, p_holm = comparison.test, comparison.p_holm
    if num_tests < 2 or test is None or p_holm is None:
        return ""
    if comparison.finding != "none":
        return say("corrected", m=str(num_tests), p=_p(p_holm))
    is_lost = test.low > 0 or test.high < 0
    return say("corrected_away", m=str(num_tests), p=_p(p_holm), alone=_p(test.p_value)) if is_lost else ""


def _plan(baseline: Group, group: Group, comparison: Comparison) -> str | Text:
    if comparison.finding != "none" or comparison.test is None:
        return ""
    if comparison.test.difference == 0:
        return say("plan_equal")
    if comparison.more_seeds is None:
        return say("plan_never", n=f"{MAX_SEEDS:,}")
    first, second = len(baseline.runs), len(group.runs)
    if first == second:
        return say("plan_each", n=f"{comparison.more_seeds:,}")
    return say("plan_total", n=f"{comparison.more_seeds + min(first, second):,}")


def _points(share: float) -> str:
    """A share of one in points, with two digits, what 10,000 images can tell; with more where these are zeros."""
    text = f"{share * 100:.2f}"
    return (text if float(text) or not share else f"{share * 100:.2g}").replace("-", "−")


def _signed(share: float) -> str:
    text = f"{share * 100:+.2f}".replace("-", "−")
    return "0.00" if text in ("+0.00", "−0.00") else text


def _p(value: float) -> str:
    if value < 0.0001:
        return "< 0.0001"
    text = f"{value:.2g}"
    return f"= {value:.3g}" if text == "0.05" else f"= {text}"  # on which side of the level it lies must be seen
