/**
 * Drawing that never holds up the page: a drawing goes on in the next frames, as much as fits into each.
 *
 * A drawing is a generator that yields now and then how much it has drawn since. What is under way is finished before
 * the same owner's next one begins, and of several that wait only the newest is drawn: so a chart that changes faster
 * than it can be drawn still gets drawn.
 */

export type Drawing = Generator<number, void>;

/** A frame has 16 ms, of which the browser needs some: to lay out, and to fill the pixels of what was drawn. */
const BUDGET_MS = 3;
/** So many corners of lines are filled with pixels in a few milliseconds without a graphics card. */
const BUDGET_DRAWN = 4_000;

const underWay = new Map<object, Drawing>();
const waiting = new Map<object, () => Drawing>();
let isAsked = false;

export function drawSoon(owner: object, draw: () => Drawing): void {
  waiting.set(owner, draw);
  ask();
}

/** Forget what an owner asked for. */
export function drawNever(owner: object): void {
  underWay.delete(owner);
  waiting.delete(owner);
}

function ask(): void {
  if (isAsked) return;
  isAsked = true;
  requestAnimationFrame(run);
}

function run(): void {
  isAsked = false;
  const end = performance.now() + BUDGET_MS;
  let drawn = 0;
  for (const [owner, draw] of waiting) {
    if (underWay.has(owner)) continue;
    waiting.delete(owner);
    underWay.set(owner, draw());
  }
  for (const [owner, drawing] of underWay) {
    let step = drawing.next();
    while (!step.done && (drawn += step.value) < BUDGET_DRAWN && performance.now() < end)
      step = drawing.next();
    if (step.done) underWay.delete(owner);
    if (drawn > 0) break; // a frame shows one finished drawing at most: showing takes time, too
  }
  if (underWay.size + waiting.size > 0) ask();
}
