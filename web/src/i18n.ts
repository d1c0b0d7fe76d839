/** Every word of the page, in English and in simplified Chinese, from one table. Pure. */
import { COMPARE } from "./i18n-compare";
import { EXPLORE } from "./i18n-explore";
import { PROVE } from "./i18n-prove";
import { SWEEP } from "./i18n-sweep";
import { TRAIN } from "./i18n-train";

export type Language = "en" | "zh";
export const LANGUAGES: readonly Language[] = ["en", "zh"];

/** The tag for `lang` and for numbers. */
export const TAGS: Record<Language, string> = { en: "en", zh: "zh-CN" };

// `{name}` is filled in. A key says where it is used: part.thing.
const TABLE = {
  "app.skip": ["Skip to the drawing", "跳到画板"],
  "app.skipTo": ["Skip to the content", "跳到内容"],
  "app.views": ["Views", "视图"],
  "app.tab.draw": ["Draw", "绘制"],
  "app.tab.train": ["Train", "训练"],
  "app.tab.compare": ["Compare", "比较"],
  "app.tab.prove": ["Prove", "检验"],
  "app.language": ["Language", "语言"],
  "app.theme": ["Colours", "配色"],
  "app.theme.auto": ["As the system", "跟随系统"],
  "app.theme.light": ["Light", "浅色"],
  "app.theme.dark": ["Dark", "深色"],
  "app.help": ["Help", "帮助"],
  "app.close": ["Close", "关闭"],
  "app.lead": [
    "Draw a digit. Each network says what it reads, and the map shows where on the paper it would read it differently.",
    "写一个数字。每个网络都会说出它认出了什么，热图显示把它移到纸上别处时答案会怎样变化。",
  ],
  "app.more": ["How to read this page", "如何看懂本页"],
  "app.missing": ["This view could not be loaded. Load the page again.", "无法加载此视图，请重新加载页面。"],
  "app.reload": ["Load again", "重新加载"],
  "app.lost": ["The server does not answer. Trying again…", "服务器没有响应，正在重试……"],
  "app.lost.hint": [
    "Your drawing is safe. Start the server again with “inkproof serve”.",
    "你的画还在。请用“inkproof serve”重新启动服务器。",
  ],
  "app.loading": ["Looking for networks…", "正在查找网络……"],

  "pad.label": ["Drawing pad", "画板"],
  "pad.empty": ["Draw here", "在这里写"],
  "pad.emptyMore": ["or drop, paste or choose an image", "也可以拖入、粘贴或选择图片"],
  "pad.keys": [
    "Arrow keys move the drawing. Enter starts drawing by keyboard. A digit key brings a test digit. F1 lists all keys.",
    "方向键移动图画。回车键开始用键盘绘制。数字键取一个测试数字。F1 列出所有按键。",
  ],
  "pad.drop": ["Drop the image here", "把图片放在这里"],
  "pad.cursor": [
    "Keyboard pen at {x}, {y}; {state}. Arrows move, Space lowers or lifts the pen, Escape ends.",
    "键盘画笔在 {x}、{y}；{state}。方向键移动，空格键落笔或抬笔，Esc 结束。",
  ],
  "pad.down": ["pen down", "已落笔"],
  "pad.up": ["pen up", "已抬笔"],
  "pad.state.empty": ["The pad is empty.", "画板是空的。"],
  "pad.state.strokes": ["Strokes on the pad: {n}.", "画板上有 {n} 笔。"],
  "pad.state.image": ["An image lies on the pad.", "画板上有一张图片。"],
  "pad.imageFailed": ["The image could not be read: {message}", "无法读取图片：{message}"],

  "tool.group": ["Tool", "工具"],
  "tool.pen": ["Pen", "画笔"],
  "tool.eraser": ["Eraser", "橡皮"],
  "tool.move": ["Move, turn, resize", "移动、旋转、缩放"],
  "tool.undo": ["Undo", "撤销"],
  "tool.redo": ["Redo", "重做"],
  "tool.clear": ["Clear", "清空"],
  "tool.width": ["Pen width", "笔宽"],
  "tool.change": ["Change the drawing", "修改图画"],
  "tool.grow": ["Grow", "放大"],
  "tool.shrink": ["Shrink", "缩小"],
  "tool.turnLeft": ["Turn left", "向左旋转"],
  "tool.turnRight": ["Turn right", "向右旋转"],
  "tool.thicken": ["Thicken", "加粗"],
  "tool.thin": ["Thin", "变细"],
  "tool.left": ["Move left", "左移"],
  "tool.right": ["Move right", "右移"],
  "tool.up": ["Move up", "上移"],
  "tool.down": ["Move down", "下移"],
  "tool.image": ["Choose an image", "选择图片"],
  "tool.examples": ["A test digit", "测试数字"],
  "tool.example": ["Another {name} from the test images", "再来一个测试图片中的 {name}"],
  "tool.exampleClass": ["Class of the test image", "测试图片的类别"],

  "view.group": ["What the networks are given", "给网络看的图像"],
  "view.drawn": ["As drawn", "原样"],
  "view.centred": ["Centred", "居中"],
  "view.both": ["Both", "两者"],
  "view.drawnLong": ["exactly where it lies on the pad", "与画板上的位置完全一致"],
  "view.centredLong": [
    "in a 20 × 20 box around its centre of mass, as MNIST’s digits were made",
    "像 MNIST 的数字那样，按重心放进 20 × 20 的方框",
  ],

  "seen.title": ["What they see", "网络看到的"],
  "seen.picture": [
    "{view}, {height} × {width} pixels; ink on {percent} of them",
    "{view}，{height} × {width} 像素，其中 {percent} 有墨迹",
  ],
  "seen.empty": ["Nothing yet", "还没有"],

  "answers.title": ["Answers", "回答"],
  "answers.empty": ["Draw something: the answers appear here.", "写点什么，答案会显示在这里。"],
  "answers.blank": [
    "No ink reaches the paper, so there is nothing to read.",
    "纸上没有墨迹，没有可读的内容。",
  ],
  "answers.agree": ["All read {name}", "全部认作 {name}"],
  "answers.disagree": ["They disagree: {names}", "答案不一致：{names}"],
  "answers.one": ["Reads {name}", "认作 {name}"],
  "answers.spoken": ["{run}, {view}: {name}, {percent}", "{run}，{view}：{name}，{percent}"],
  "answers.failed": ["No answer: {message}", "没有答案：{message}"],
  "answers.waiting": ["Waiting for its first weights…", "正在等待第一份权重……"],
  "answers.noneChosen": ["No network is chosen. Choose one above.", "没有选择网络，请在上方选择。"],

  "networks.choose": ["Networks", "网络"],
  "networks.title": ["Networks to ask", "要询问的网络"],
  "networks.none": ["There is no network yet", "还没有网络"],
  "networks.noneHint": [
    "Train one in a terminal; it appears here while it learns:",
    "在终端里训练一个，它在学习时就会出现在这里：",
  ],
  "networks.limit": ["Up to {n} at a time.", "最多同时 {n} 个。"],
  "networks.auto": ["Choose for me", "自动选择"],
  "networks.missing": ["There is no run “{run}” here.", "这里没有名为“{run}”的训练。"],

  "run.queued": ["waiting", "排队中"],
  "run.running": ["learning", "学习中"],
  "run.finished": ["finished", "已完成"],
  "run.interrupted": ["interrupted", "已中断"],
  "run.diverged": ["diverged", "已发散"],
  "run.failed": ["failed", "失败"],
  "run.broken": ["broken", "已损坏"],
  "run.step": ["step {step}", "第 {step} 步"],
  "run.stepOf": ["step {step} of {steps}", "第 {step} / {steps} 步"],
  "run.left": ["{time} left", "还需 {time}"],
  "run.progress": ["Progress of the training {run}", "训练 {run} 的进度"],
  "run.seconds": ["{n} s", "{n} 秒"],
  "run.minutes": ["{n} min", "{n} 分钟"],
  "run.hours": ["{n} h", "{n} 小时"],

  "facts.title": ["About this network", "关于这个网络"],
  "facts.recipe": ["Recipe", "配方"],
  "facts.status": ["Status", "状态"],
  "facts.statusText": ["{status}: {message}", "{status}：{message}"],
  "facts.steps": ["Steps", "步数"],
  "facts.accuracy": ["Accuracy", "准确率"],
  "facts.accuracyText": [
    "{value} (95 % interval {low} to {high}; {n} images of the {set} set)",
    "{value}（95% 区间 {low} 至 {high}；{set}集 {n} 张图片）",
  ],
  "facts.test": ["test", "测试"],
  "facts.validation": ["validation", "验证"],
  "facts.parameters": ["Parameters", "参数"],
  "facts.time": ["Training time", "训练时间"],
  "facts.speed": ["Speed", "速度"],
  "facts.speedText": ["{n} images a second", "每秒 {n} 张图片"],
  "facts.shape": ["Images", "图像"],
  "facts.unknown": ["not known yet", "尚不知道"],
  "facts.tensorboard": ["Open in TensorBoard", "在 TensorBoard 中打开"],
  "facts.noTensorboard": ["TensorBoard is not running: {problem}", "TensorBoard 没有运行：{problem}"],
  "facts.tensorboardStarting": ["TensorBoard is starting…", "TensorBoard 正在启动……"],

  "bars.label": ["Probability of each class, {run}, {view}", "{run}，{view}：各类别的概率"],

  "edge.label": [
    "Edge map of {run}: the probability of {name} with the drawing at each of {n} places. Arrow keys walk over the places, Enter moves the drawing there.",
    "{run} 的边缘图：图画位于 {n} 个位置时 {name} 的概率。方向键在各位置间移动，回车键把图画移到那里。",
  ],
  "edge.cell": ["{place}: {name} {percent}; reads {best}", "{place}：{name} {percent}；认作 {best}"],
  "edge.here": ["here", "此处"],
  "edge.place": ["{x} → {y} ↓", "{x} → {y} ↓"],
  "edge.empty": ["Appears with your drawing", "画了就会出现"],
  "edge.large": ["The ink is larger than the paper", "墨迹比纸还大"],
  "edge.high": ["100 %", "100%"],
  "edge.legend": ["Probability, from 0 to 100 per cent", "概率，从 0 到 100%"],
  "edge.table": ["As a table", "表格"],
  "edge.tableCaption": [
    "Per cent for {name}, {run}. Columns: pixels to the right of where it lies; rows: pixels down.",
    "{run} 对 {name} 的百分比。列：向右移动的像素；行：向下移动的像素。",
  ],
  "edge.share": [
    "{name} in the middle; read at {percent} of {n} places",
    "居中时认作 {name}；{n} 个位置中有 {percent} 如此",
  ],

  "filters.title": ["First layer", "第一层"],
  "filters.label": [
    "The {n} filters of the first layer of {run} at step {step}, {height} × {width} weights each, from −{limit} to {limit}",
    "{run} 第 {step} 步时第一层的 {n} 个滤波器，每个 {height} × {width} 个权重，从 −{limit} 到 {limit}",
  ],
  "filters.labelDense": [
    "The weights of the {n} units of {run} at step {step}, as pictures of {height} × {width}, from −{limit} to {limit}",
    "{run} 第 {step} 步时 {n} 个单元的权重，画成 {height} × {width} 的图片，从 −{limit} 到 {limit}",
  ],
  "filters.empty": ["Not available", "没有可显示的"],

  "time.title": ["Time machine", "时光机"],
  "time.hint": ["the networks as they were at an earlier step", "网络在较早步数时的样子"],
  "time.slider": ["Training step", "训练步数"],
  "time.newest": ["newest", "最新"],
  "time.value": ["step {step}", "第 {step} 步"],
  "time.play": ["Play the training", "播放训练过程"],
  "time.pause": ["Pause", "暂停"],
  "time.none": ["No earlier steps were kept.", "没有保存较早的步数。"],

  "share.title": ["Share", "分享"],
  "share.copy": ["Copy link", "复制链接"],
  "share.copied": ["Link copied", "链接已复制"],
  "share.copyFailed": ["Copy it from the address bar", "请从地址栏复制"],
  "share.note": [
    "The link holds the drawing, the networks, the view and the language.",
    "链接包含图画、网络、视图和语言。",
  ],
  "share.png": ["Download PNG", "下载 PNG"],
  "share.svg": ["Download SVG", "下载 SVG"],
  "share.json": ["Download JSON", "下载 JSON"],

  "help.title": ["How to read this page", "如何看懂本页"],
  "help.draw": [
    "What you draw is made into a small picture and given to each network, which spreads 100 % over all classes. Networks are often sure and wrong: try the digit at an edge of the pad.",
    "你写的内容会变成一张小图片交给每个网络，网络把 100% 分给所有类别。网络常常很有把握却认错：试着把数字移到画板边缘。",
  ],
  "help.views": [
    "“As drawn” keeps the place on the pad. “Centred” moves and scales the ink as the training digits of MNIST were, which hides the weakness at the edges.",
    "“原样”保留在画板上的位置。“居中”像 MNIST 的训练数字那样移动并缩放墨迹，于是看不出边缘处的弱点。",
  ],
  "help.edge": [
    "The edge map tries every place at which your ink still fits the paper. Its left end is the ink touching the left edge, and so on. Yellow: sure of the class it reads in the middle; violet: not at all. Click a place to move the drawing there.",
    "边缘图尝试墨迹在纸上放得下的每一个位置。图的左端就是墨迹贴着左边缘，其余类推。黄色：很有把握是它在中间认出的类别；紫色：毫无把握。点击一处可把图画移到那里。",
  ],
  "help.time": [
    "The time machine asks the networks as they were at an earlier step of their training.",
    "时光机询问的是训练早期某一步时的网络。",
  ],
  "help.keys": ["Keys on the pad", "画板上的按键"],
  "help.key": ["Key", "按键"],
  "help.does": ["What it does", "作用"],
  "help.api": ["The API behind this page", "本页背后的 API"],
  "key.nudge": ["move by one pixel of the network", "移动网络的一个像素"],
  "key.fine": ["move by an eighth of it", "移动八分之一像素"],
  "key.cursor": ["start or end drawing by keyboard", "开始或结束键盘绘制"],
  "key.space": ["lower or lift the keyboard pen", "键盘画笔落笔或抬笔"],
  "key.escape": ["end drawing by keyboard", "结束键盘绘制"],
  "key.digit": ["another test digit of that class", "再来一个该类别的测试数字"],

  ...PROVE,
  ...TRAIN,
  ...COMPARE,
  ...EXPLORE,
  ...SWEEP,
} as const satisfies Record<string, readonly [en: string, zh: string]>;

export type Key = keyof typeof TABLE;
/** Whether there are words for a key that is put together from what the server says. */
export const isKey = (key: string): key is Key => key in TABLE;
export const KEYS = Object.keys(TABLE) as Key[];
export type Values = Record<string, string | number>;

export function translate(language: Language, key: Key, values: Values = {}): string {
  const text: string = TABLE[key][language === "en" ? 0 : 1];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}

/** The language to begin with: the first of the browser's that the page speaks. */
export function pickLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const found = LANGUAGES.find((language) => tag.toLowerCase().startsWith(language));
    if (found) return found;
  }
  return "en";
}

/** Making a format takes longer than using it a hundred times. */
const formats = new Map<string, Intl.NumberFormat>();

function formatWith(language: Language, value: number, options: Intl.NumberFormatOptions = {}): string {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.NumberFormat(TAGS[language], options);
  formats.set(key, known);
  return known.format(value);
}

export function formatNumber(language: Language, value: number): string {
  return formatWith(language, value);
}

/** A number with at most so many digits that mean something: 0.0001, 2.31, 1,200. */
const SUPERSCRIPTS = "⁰¹²³⁴⁵⁶⁷⁸⁹";
/** As many digits; from a million on as a power of ten, for a loss may be of any size and its column is not. */
export function formatSignificant(language: Language, value: number, digits: number): string {
  if (Math.abs(value) >= 1e6 && Number.isFinite(value)) {
    const [mantissa, exponent] = value.toExponential(digits - 1).split("e+");
    const raised = [...exponent!].map((digit) => SUPERSCRIPTS[Number(digit)]).join("");
    return `${formatWith(language, Number(mantissa), { maximumSignificantDigits: digits })}·10${raised}`;
  }
  return formatWith(language, value, { maximumSignificantDigits: digits });
}

/** A share of one as per cent: whole numbers (digits 0), or with `digits` after the point. */
export function formatPercent(language: Language, share: number, digits = 0): string {
  const number = formatWith(language, share * 100, {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return language === "en" ? `${number}\u202f%` : `${number}%`;
}

export function formatSeconds(language: Language, seconds: number): string {
  if (seconds < 100) return translate(language, "run.seconds", { n: Math.round(seconds) });
  if (seconds < 100 * 60) return translate(language, "run.minutes", { n: Math.round(seconds / 60) });
  return translate(language, "run.hours", { n: formatNumber(language, Math.round(seconds / 3600)) });
}

/** How long something took: of some seconds, tenths and hundredths count too. */
export function formatSpent(language: Language, seconds: number): string {
  if (seconds >= 10) return formatSeconds(language, seconds);
  return translate(language, "run.seconds", { n: formatSignificant(language, seconds, 2) });
}

/** A time to be read off an axis: 2.5 s, 3:20, 1:05:00. */
export function formatClock(language: Language, seconds: number): string {
  if (seconds < 100)
    return translate(language, "run.seconds", { n: formatNumber(language, Math.round(seconds * 10) / 10) });
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
  const shown = parts[0] === 0 ? parts.slice(1) : parts;
  return shown.map((part, index) => (index === 0 ? String(part) : String(part).padStart(2, "0"))).join(":");
}
