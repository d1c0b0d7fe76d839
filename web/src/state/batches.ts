/** How many images a training has seen by a step; a fork may have had batches of another size before. Pure. */

/** Stretches of steps with batches of one size, in order; the last has no end. */
export type Batches = readonly { size: number; lastStep: number | null }[];

/** From the settings of a run by dotted name; null if they do not tell. */
export function readBatches(values: Readonly<Record<string, unknown>> | undefined): Batches | null {
  const size = Number(values?.batch_size);
  if (!values || !(size > 0)) return null;
  const beginnings: { size: number; lastStep: number | null }[] = [];
  for (let number = 0; `beginnings.${number}.last_step` in values; number += 1)
    beginnings.push({
      size: Number(values[`beginnings.${number}.batch_size`]),
      lastStep: Number(values[`beginnings.${number}.last_step`]),
    });
  return [...beginnings, { size, lastStep: null }];
}

/** Repetitions counted; the inspection of step 0 sees none. */
export function imagesSeen(batches: Batches, step: number): number {
  let [seen, done] = [0, 0];
  for (const { size, lastStep } of batches) {
    const end = Math.min(step, lastStep ?? Infinity);
    seen += (end - done) * size;
    done = end;
  }
  return seen;
}
