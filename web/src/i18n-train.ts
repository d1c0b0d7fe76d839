/** The words of charts and of the view that trains. Part of the table in i18n.ts. */

export const TRAIN = {
  "chart.label": [
    "{title} by {x}. {curves} Left and right arrow keys read values, plus and minus zoom, Escape shows all.",
    "{title}，横轴为{x}。{curves} 左右方向键读取数值，加号和减号缩放，Esc 显示全部。",
  ],
  "chart.curve": ["{name}: {y} at {x}.", "{name}：{x} 处为 {y}。"],
  "chart.more": ["And {n} more.", "另有 {n} 条。"],
  "chart.none": ["Nothing measured yet.", "还没有测量值。"],
  "chart.closer": ["Zoom in: {title}", "放大：{title}"],
  "chart.farther": ["Zoom out: {title}", "缩小：{title}"],
  "chart.all": ["Show all: {title}", "显示全部：{title}"],
  "chart.table": ["As a table", "表格"],
  "chart.tableOf": ["{title} as a table", "{title}（表格）"],
  "chart.tableCaption": [
    "{title} at the nearest measured point{smoothed}",
    "{title}，取最近的测量点{smoothed}",
  ],
  "chart.smoothed": [", smoothed; what was measured in brackets", "，已平滑；括号内为测量值"],
  "chart.reading": ["{x}: {values}", "{x}：{values}"],
} as const satisfies Record<string, readonly [en: string, zh: string]>;
