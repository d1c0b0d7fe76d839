/**
 * A chart in an element: uPlot gives axes, cursor and the selection that zooms; the curves are painted by paint.ts.
 *
 * uPlot wants all curves on the same x. Those of trainings have their own (seconds), so it is given the corners of
 * the picture and nothing else.
 */
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { placeTicks, type Axis } from "./axis";
import { curveAt, type Curve } from "./curve";
import { drawNever, drawSoon, type Drawing } from "./frames";
import { Painter } from "./paint";
import type { Frame } from "./trace";

export interface Picture {
  curves: readonly Curve[];
  x: Axis;
  y: Axis;
  /** The id of the curve that is pointed at, here or elsewhere. */
  focus: string | null;
  formatX: (value: number) => string;
  formatY: (value: number) => string;
}

export interface Listener {
  onzoom: (x: Axis, y: Axis | null) => void;
  onreset: () => void;
  /** x under the pointer and the curve meant; null, null when it leaves. */
  onpoint: (x: number | null, curve: Curve | null) => void;
}

/** How near a pointer must come to a curve, in CSS pixels. */
const REACH_PX = 24;
/** A selection less high than this selects only x. */
const FLAT_PX = 30;
/** Room for a mark of an axis. */
const MARK_WIDTH_PX = 62;
const MARK_HEIGHT_PX = 30;
const FONT = "12px system-ui, sans-serif";

export class Plot {
  #plot: uPlot | null = null;
  #kind = "";
  #painter = new Painter();
  /** The curves as they are shown, and a second sheet on which the next picture is painted, some in each frame. */
  #sheets = [document.createElement("canvas"), document.createElement("canvas")] as const;
  #front: 0 | 1 = 0;
  #probe = document.createElement("span");
  #colours = new Map<string, string>();
  #isPointed = false;
  /** What is shown, and what was asked for last. */
  #shown: Picture;
  #asked: Picture;

  constructor(
    readonly host: HTMLElement,
    picture: Picture,
    readonly listener: Listener,
  ) {
    this.#shown = this.#asked = picture;
    this.#probe.hidden = true;
    host.append(this.#probe);
  }

  /** Show another picture, in one of the next frames. */
  show(picture: Picture): void {
    this.#asked = picture;
    drawSoon(this, () => this.#draw(picture));
  }
  /** The colours of the page have changed. */
  forgetColours(): void {
    this.#colours.clear();
    this.show(this.#asked);
  }
  /** Put the cursor at an x; null takes it away. */
  pointAt(x: number | null): void {
    const plot = this.#plot;
    if (!plot || this.#isPointed) return;
    plot.setCursor({ left: x === null ? -10 : plot.valToPos(x, "x"), top: -10 }, false);
  }
  destroy(): void {
    drawNever(this);
    this.#plot?.destroy();
    this.#probe.remove();
  }

  *#draw(picture: Picture): Drawing {
    const { clientWidth: width, clientHeight: height } = this.host;
    if (width < 40 || height < 40) return;
    const plot = this.#fit(picture, width, height);
    const back = this.#front === 0 ? 1 : 0;
    const sheet = this.#sheets[back];
    const { curves, x, y, focus } = picture;
    const frame: Frame = { ...plot.bbox, left: 0, top: 0, ratio: uPlot.pxRatio, x, y };
    sheet.width = frame.width; // this empties it, too
    sheet.height = frame.height;
    yield* this.#painter.paint(sheet.getContext("2d")!, curves, frame, (css) => this.#toColour(css), focus);
    this.#front = back;
    this.#shown = picture;
    plot.setData(cornersOf(picture));
  }

  /** uPlot in the size of the element, with the kinds of axes that the picture wants. */
  #fit(picture: Picture, width: number, height: number): uPlot {
    const kind = `${picture.x.isLog} ${picture.y.isLog}`;
    if (this.#plot && this.#kind === kind) {
      if (this.#plot.width !== width || this.#plot.height !== height) this.#plot.setSize({ width, height });
      return this.#plot;
    }
    this.#plot?.destroy();
    this.#kind = kind;
    this.#shown = picture;
    this.#sheets[this.#front].width = 0;
    this.#plot = new uPlot(this.#options(width, height), cornersOf(picture), this.host);
    return this.#plot;
  }

  #options(width: number, height: number): uPlot.Options {
    const scale = (axis: () => Axis): uPlot.Scale => ({
      time: false,
      distr: axis().isLog ? 3 : 1,
      range: () => [axis().min, axis().max],
    });
    const text = () => this.#toColour("var(--quiet)");
    const line = () => this.#toColour("var(--line)");
    const axis = (kind: "x" | "y", format: (value: number) => string) => ({
      stroke: text,
      font: FONT,
      labelFont: FONT,
      grid: { stroke: line, width: 1 },
      ticks: { show: false },
      splits: (plot: uPlot) => {
        const { clientWidth, clientHeight } = plot.over;
        const count = kind === "x" ? clientWidth / MARK_WIDTH_PX : clientHeight / MARK_HEIGHT_PX;
        return placeTicks(this.#shown[kind], Math.max(2, Math.floor(count)));
      },
      filter: (_plot: uPlot, splits: number[]) => splits,
      values: (_plot: uPlot, splits: (number | null)[]) =>
        splits.map((value) => (value === null ? "" : format(value))),
    });
    return {
      width,
      height,
      legend: { show: false },
      padding: [8, 22, 0, 0],
      scales: { x: scale(() => this.#shown.x), y: scale(() => this.#shown.y) },
      axes: [
        { ...axis("x", (value) => this.#shown.formatX(value)), gap: 4, size: 24 },
        { ...axis("y", (value) => this.#shown.formatY(value)), size: 58 },
      ],
      series: [{}, { paths: () => null, points: { show: false } }],
      cursor: {
        y: false,
        points: { show: false },
        drag: { setScale: false, x: true, y: true, uni: FLAT_PX },
        bind: { dblclick: () => () => (this.listener.onreset(), null) },
      },
      hooks: {
        draw: [(plot) => this.#paint(plot)],
        setSelect: [(plot) => this.#select(plot)],
        setCursor: [(plot) => this.#point(plot)],
      },
    };
  }

  #paint(plot: uPlot): void {
    const sheet = this.#sheets[this.#front];
    if (sheet.width > 0 && sheet.height > 0) plot.ctx.drawImage(sheet, plot.bbox.left, plot.bbox.top);
  }

  #select(plot: uPlot): void {
    const { left, top, width, height } = plot.select;
    if (width <= 0 && height <= 0) return;
    const isWhole = height >= plot.over.clientHeight - 1;
    const { x, y } = this.#shown;
    const range = (scale: "x" | "y", from: number, to: number) => ({
      min: plot.posToVal(from, scale),
      max: plot.posToVal(to, scale),
    });
    plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
    this.listener.onzoom(
      { ...range("x", left, left + width), isLog: x.isLog },
      isWhole ? null : { ...range("y", top + height, top), isLog: y.isLog },
    );
  }

  #point(plot: uPlot): void {
    const { left = -10, top = -10 } = plot.cursor;
    const wasPointed = this.#isPointed;
    this.#isPointed = left >= 0 && top >= 0;
    if (!this.#isPointed) {
      // uPlot tells of its cursor after each drawing, too; one that was set by keyboard must stay.
      if (wasPointed) this.listener.onpoint(null, null);
      return;
    }
    const { curves, y } = this.#shown;
    const x = plot.posToVal(left, "x");
    this.listener.onpoint(x, curveAt(curves, y, { x, top, height: plot.over.clientHeight }, REACH_PX));
  }

  /** A colour of the page as the canvas understands it, in the theme of now. */
  #toColour(css: string): string {
    const known = this.#colours.get(css);
    if (known) return known;
    this.#probe.style.color = css;
    const colour = getComputedStyle(this.#probe).color;
    this.#colours.set(css, colour);
    return colour;
  }
}

function cornersOf({ x, y }: Picture): uPlot.AlignedData {
  return [
    [x.min, x.max],
    [y.min, y.max],
  ];
}
