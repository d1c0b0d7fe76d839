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

/** Rows of shares from 0 to 1; null where there is none. */
export type Shares = readonly (readonly (number | null)[])[];

/** Right answers and answers for each cell. */
export interface Counts {
  num_right: readonly (readonly number[])[];
  n: readonly (readonly number[])[];
}

/** The share of right answers of each cell. Pure. */
export function toShares({ num_right, n }: Counts): Shares {
  return n.map((line, row) =>
    line.map((count, column) => (count === 0 ? null : (num_right[row]?.[column] ?? 0) / count)),
  );
}

/** Fill a square canvas of `side` pixels with a cell for each share; where there is none it stays empty. */
export function paintShares(context: CanvasRenderingContext2D, shares: Shares, side: number): void {
  const edge = (place: number, count: number) => Math.round((place * side) / count);
  context.clearRect(0, 0, side, side);
  shares.forEach((line, row) =>
    line.forEach((share, column) => {
      if (share === null) return;
      context.fillStyle = cssViridis(share);
      const [x, y] = [edge(column, line.length), edge(row, shares.length)];
      context.fillRect(x, y, edge(column + 1, line.length) - x, edge(row + 1, shares.length) - y);
    }),
  );
}

/** Fill a square canvas of `side` pixels. */
export function paintHeat(context: CanvasRenderingContext2D, map: HeatMap, side: number): void {
  const x = (column: number) => Math.round((column * side) / map.dx.length);
  const y = (row: number) => Math.round((row * side) / map.dy.length);
  paintShares(context, map.probabilities, side);
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
