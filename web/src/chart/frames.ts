/** Drawing that never holds up the page: what waits is drawn in the next frames, as much as fits into each. */

/** A frame has 16 ms, of which the browser itself needs some. */
const BUDGET_MS = 6;

const waiting = new Map<object, () => void>();
let isAsked = false;

/** Draw in one of the next frames; of what the same `owner` asks before then only the newest is drawn. */
export function drawSoon(owner: object, draw: () => void): void {
  waiting.delete(owner);
  waiting.set(owner, draw);
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(run);
}

/** Forget what an owner asked for. */
export function drawNever(owner: object): void {
  waiting.delete(owner);
}

function run(): void {
  const end = performance.now() + BUDGET_MS;
  for (const [owner, draw] of waiting) {
    waiting.delete(owner);
    draw();
    if (performance.now() > end) break;
  }
  isAsked = waiting.size > 0;
  if (isAsked) requestAnimationFrame(run);
}
