/** Painting an edge map: a cell for each offset, and a line where the answer changes. */
import { cssViridis } from "./viridis";

export interface HeatMap {
  dx: readonly number[];
  dy: readonly number[];
  probabilities: readonly (readonly number[])[];
  best: readonly (readonly number[])[];
  centre_class: number | null;
}

export interface Cell {
  column: number;
  row: number;
}

/** Fill a square canvas of `side` pixels. */
export function paintHeat(context: CanvasRenderingContext2D, map: HeatMap, side: number): void {
  const [width, height] = [side / map.dx.length, side / map.dy.length];
  const x = (column: number) => Math.round(column * width);
  const y = (row: number) => Math.round(row * height);
  map.probabilities.forEach((line, row) =>
    line.forEach((share, column) => {
      context.fillStyle = cssViridis(share);
      context.fillRect(x(column), y(row), x(column + 1) - x(column), y(row + 1) - y(row));
    }),
  );
  context.beginPath();
  for (const [from, to] of turningLines(map)) {
    context.moveTo(x(from.column), y(from.row));
    context.lineTo(x(to.column), y(to.row));
  }
  // White on black, so that it shows on violet and on yellow.
  for (const [colour, weight] of [
    ["#000", 0.02],
    ["#fff", 0.009],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = side * weight;
    context.stroke();
  }
}

/** Borders between cells that read the class of the middle and cells that do not. Pure. */
export function turningLines(map: HeatMap): [Cell, Cell][] {
  const isRight = (row: number, column: number) => map.best[row]?.[column] === map.centre_class;
  const lines: [Cell, Cell][] = [];
  map.dy.forEach((_dy, row) =>
    map.dx.forEach((_dx, column) => {
      if (column > 0 && isRight(row, column) !== isRight(row, column - 1)) {
        lines.push([
          { column, row },
          { column, row: row + 1 },
        ]);
      }
      if (row > 0 && isRight(row, column) !== isRight(row - 1, column)) {
        lines.push([
          { column, row },
          { column: column + 1, row },
        ]);
      }
    }),
  );
  return lines;
}

/** The share of places at which the class of the middle is read. Pure. */
export function rightShare(map: HeatMap): number {
  const all = map.best.flat();
  return all.length === 0 ? 0 : all.filter((best) => best === map.centre_class).length / all.length;
}

/** The cell of the drawing's own place; null when it lies outside of the frame. Pure. */
export function cellOfHere(map: HeatMap): Cell | null {
  const [column, row] = [map.dx.indexOf(0), map.dy.indexOf(0)];
  return column >= 0 && row >= 0 ? { column, row } : null;
}
