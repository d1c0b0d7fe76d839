"""Every sentence of a report, in English and in simplified Chinese. Holds no figures and no layout."""

from __future__ import annotations

WORDS: dict[str, tuple[str, str]] = {
    "title": ("How well does it read?", "它读得有多准？"),
    "lead": (
        "Each network met the same test images: as they are, at the edges of the frame, moved, turned, spoilt, and "
        "drawn by other pens. Every figure is the share of right answers, with its 95 % interval and the number of "
        "answers (n) that it rests on. Point at a plot for its figures.",
        "每个网络都面对同一批测试图像：原样的、贴着画框边缘的、移动的、旋转的、受损的，以及换一支笔画的。"
        "每个数字都是答对的比例，并附 95 % 置信区间和它所依据的答案数（n）。把指针移到图上可看到具体数值。",
    ),
    "summary": ("In short", "概要"),
    "all_suites": ("All suites", "全部测试集"),
    "suite": ("suite", "测试集"),
    "best": ("The highest of each row is bold.", "每行最高者以粗体显示。"),
    "clean": ("As they are", "原样"),
    "edges": ("At the edges", "贴边"),
    "shifts": ("Moved", "移动"),
    "affine": ("Turned, scaled, sheared", "旋转、缩放、倾斜"),
    "corruptions": ("Spoilt", "受损"),
    "strokes": ("By other pens", "换一支笔"),
    # ── sentences of the summary ──
    "say_clean": (
        "Reads {share} of the {n} test digits as they are (95 % interval {interval}).",
        "原样的 {n} 个测试数字读对 {share}（95 % 区间 {interval}）。",
    ),
    "say_edges": (
        "Pushed uncut against an edge or into a corner: {share} ({interval}, n = {n}){lost}.",
        "不裁切地推到边缘或角落：{share}（{interval}，n = {n}）{lost}。",
    ),
    "say_shifts": (
        "Whole digits anywhere in the frame, moved by up to 10 pixels: {share} ({interval}, n = {n}){reach}.",
        "完整的数字放在画框任意处，最多移动 10 像素：{share}（{interval}，n = {n}）{reach}。",
    ),
    "say_affine": (
        "Turned, scaled, sheared and moved at once: {share} ({interval}, n = {n}){lost}.",
        "同时旋转、缩放、倾斜并移动：{share}（{interval}，n = {n}）{lost}。",
    ),
    "say_corruptions": (
        "Under fifteen kinds of corruption {share} on average ({interval}, n = {n}); worst under {worst}.",
        "在十五种损坏之下平均读对 {share}（{interval}，n = {n}）；最差的是{worst}。",
    ),
    "say_strokes": (
        "Drawn anew by other pens: {share} ({interval}, n = {n}){lost}.",
        "换一支笔重画：{share}（{interval}，n = {n}）{lost}。",
    ),
    "say_calibration": (
        "What it says of its own certainty is {points} points off on average (n = {n}).",
        "它对自己把握的估计平均偏差 {points} 个百分点（n = {n}）。",
    ),
    "lost": (", {points} points fewer than as they are", "，比原样低 {points} 个百分点"),
    "kept": (", as good as as they are", "，与原样一样好"),
    "reach": (
        "; it keeps within a point of its best up to {pixels} pixels from the middle",
        "；离中心 {pixels} 像素以内，与最好成绩相差不超过一个百分点",
    ),
    "reach_none": (
        "; the first pixel off the middle costs {points} points",
        "；偏离中心一个像素就低 {points} 个百分点",
    ),
    "reach_all": ("; no place is a point worse than the middle", "；没有一处比中间差一个百分点以上"),
    # ── clean ──
    "confusion": ("What is taken for what", "把什么认成什么"),
    "confusion_help": (
        "Rows are the truth, columns the answer; n of each row at its end.",
        "行是真实类别，列是回答；行末是该行的 n。",
    ),
    "per_class": ("Each class", "各个类别"),
    "class": ("class", "类别"),
    "precision": ("precision", "精确率"),
    "recall": ("recall", "召回率"),
    "log_loss": ("Log loss {value} nats (n = {n}); 0 is best.", "对数损失 {value} 纳特（n = {n}）；0 为最佳。"),
    "calibration": ("Is it as sure as it is right?", "它的把握与准确率相符吗？"),
    "calibration_help": (
        "Across: how sure it was, in per cent. Up: how often it was right then. On the dashed line both agree. "
        "Expected calibration error {error} % (n = {n}, 15 bins).",
        "横轴：它有多大把握（%）。纵轴：此时答对的比例。虚线上二者一致。期望校准误差 {error} %（n = {n}，15 组）。",
    ),
    "mistakes": ("The twenty worst mistakes", "最严重的二十个错误"),
    "mistakes_help": (
        "Test images that it misread with the most confidence: the truth → its answer, and how sure it was.",
        "它最有把握却读错的测试图像：真实类别 → 它的回答，以及它的把握。",
    ),
    "no_mistakes": ("It made none.", "没有错误。"),
    # ── the other suites ──
    "edges_help": (
        "Every test digit, moved until its ink touches an edge or corner; in the middle, as they are. n = {n} each.",
        "每个测试数字都移动到墨迹碰到边缘或角落；中间为原样。每格 n = {n}。",
    ),
    "shifts_help": (
        "Accuracy with the digit moved so many pixels to the right (across) and down. {digits} digits, drawn once at "
        "random. Left, the digits that stay whole there (fewer, the further out); right, all, some cut by the edge.",
        "把数字向右（横）和向下（纵）移动若干像素后的准确率。随机抽取一次的 {digits} 个数字。左：在该处仍完整的数字"
        "（越远越少）；右：全部，其中一些被边缘裁切。",
    ),
    "whole": ("whole digits alone", "仅完整的数字"),
    "cut": ("all, some cut", "全部，部分被裁切"),
    "by_distance": (
        "Whole digits by their distance from the middle, in pixels (the larger of both directions)",
        "完整数字的准确率随离中心距离（像素，取两个方向中较大者）的变化",
    ),
    "by_distance_help": (
        "The further out, the fewer digits stay whole, and the more of them are a narrow 1; the table says how many.",
        "离中心越远，仍完整的数字越少，其中窄小的 1 越多；数值表列出各处的数量。",
    ),
    "shifts_classes": ("Whole digits, each class", "完整的数字，各个类别"),
    "turn": ("Turned, degrees clockwise", "顺时针旋转（度）"),
    "scale": ("Scaled, times the size", "缩放（倍）"),
    "shear": ("Sheared, pixels to the right for each pixel up", "倾斜（每上升一像素右移的像素）"),
    "thickness": ("Thickness, pixels more on each side", "粗细（每侧增加的像素）"),
    "pen": ("A round pen of one width, pixels", "单一宽度的圆头笔（像素）"),
    "gaps": ("Three gaps of this length, pixels", "三处断笔的长度（像素）"),
    "mixed": ("All at once, as affNIST", "同时进行，如 affNIST"),
    "curve_help": ("n = {n} at each point.", "每个点 n = {n}。"),
    "corruptions_help": (
        "Five severities of each kind, slight to severe, as pictures and as accuracy in per cent; at the end of each "
        "row the mean of all five with its interval. n = {n} at each severity, {total} for each mean.",
        "每种损坏五个程度，由轻到重，先是图像，后是准确率（%）；行末是五个程度的平均值及其区间。"
        "每个程度 n = {n}，每个平均值 n = {total}。",
    ),
    "kind": ("kind", "种类"),
    "mean": ("mean", "平均"),
    "values": ("The figures as a table", "数值表"),
    "how": ("How it was measured", "测量方法"),
    "how_data": (
        "Data: {dataset}, {n} test images, checksum {sha}. Every choice of images and every random number is fixed: "
        "the same network gives the same figures. Answers about the same digit hang together; the intervals of means "
        "know that (ratio estimator, effective n, Wilson).",
        "数据：{dataset}，{n} 张测试图像，校验和 {sha}。图像的选择与随机数全部固定：同一网络得到同样的数字。"
        "同一数字的多次回答彼此相关；平均值的区间已考虑这一点（比率估计、有效 n、Wilson 区间）。",
    ),
    "how_time": ("seconds, all suites", "全部测试集用时（秒）"),
    "command": ("Command", "命令"),
    "network": ("network", "网络"),
    "machine": ("machine", "机器"),
    "measured": ("measured", "测量时间"),
    "versions": ("versions", "版本"),
    "file": ("file checksum", "文件校验和"),
    # ── kinds of corruption ──
    "shot_noise": ("shot noise", "散粒噪声"),
    "impulse_noise": ("impulse noise", "椒盐噪声"),
    "glass_blur": ("glass blur", "毛玻璃模糊"),
    "motion_blur": ("motion blur", "运动模糊"),
    "shear_kind": ("shear", "倾斜"),
    "scale_kind": ("scale", "缩小"),
    "rotate": ("rotate", "旋转"),
    "brightness": ("brightness", "变亮"),
    "translate": ("translate", "平移"),
    "stripe": ("stripe", "条带"),
    "fog": ("fog", "雾"),
    "spatter": ("spatter", "泥点"),
    "dotted_line": ("dotted line", "虚线"),
    "zigzag": ("zigzag", "锯齿线"),
    "canny_edges": ("outlines", "轮廓"),
}

# In English they stand in `suites.py`, and in each result.
PROTOCOLS_IN_CHINESE: dict[str, str] = {
    "clean": "全部测试图像，原样。",
    "edges": "每个测试数字不裁切地移动，直到墨迹碰到画框的每条边和每个角：共 8 个位置。",
    "shifts": "500 个测试数字（随机抽取，固定不变），横纵各最多移动 10 像素，共 441 处。得分只计在该处仍完整的数字。",
    "affine": "1,000 个测试数字（随机抽取，固定不变）分别旋转、缩放、倾斜；"
    "另外全部测试数字在 affNIST 的范围内三者同时进行，并放在画框任意处，这一项为得分。",
    "corruptions": "MNIST-C 的十五种损坏（重新编写），各五个程度；75 项中每项轮流取十分之一的测试数字"
    "（最多 1,000 个）。得分为全部的平均。",
    "strokes": "1,000 个测试数字（随机抽取，固定不变）重画：更粗与更细、单一宽度的圆头笔、三处断笔。得分为全部的平均。",
}


def say(key: str, **values: str | tuple[str, str]) -> str:
    """A sentence in both languages, of which the page shows one.

    Args:
        key: Its name in `WORDS`.
        values: What stands in it; a pair where the languages differ. HTML already.

    Returns:
        HTML.

    Example:
        >>> say("mean")
        '<span lang="en">mean</span><span lang="zh-Hans">平均</span>'
    """
    english, chinese = both(key, **values)
    return f'<span lang="en">{english}</span><span lang="zh-Hans">{chinese}</span>'


def both(key: str, **values: str | tuple[str, str]) -> tuple[str, str]:
    """The same as a pair, to stand in another sentence."""
    english, chinese = (
        text.format(**{name: value if isinstance(value, str) else value[language] for name, value in values.items()})
        for language, text in enumerate(WORDS[key])
    )
    return english, chinese
