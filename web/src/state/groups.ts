/** Groups of runs that differ by nothing but their seed: how they are called, found, and chosen. Pure. */
import type { ComparedGroup, RunGroup } from "../api";

/** As many as one comparison takes. */
export const MAX_COMPARED = 200;

export function formatValue(value: unknown): string {
  if (value === null || value === undefined) return "–";
  if (Array.isArray(value)) return value.map(formatValue).join(", ");
  return typeof value === "number" ? String(Number(value.toPrecision(6))) : String(value);
}

/** A setting of a fork's beginning, `beginnings.0.learning_rate`; null of any other. */
export function readBeginning(name: string): { number: number; setting: string } | null {
  const [, number, setting] = /^beginnings\.(\d+)\.(.+)$/.exec(name) ?? [];
  return number === undefined ? null : { number: Number(number) + 1, setting: setting! };
}

/** The recipe with what was changed, such as “softmax · learning_rate 0.05”; `nameFork` has words for the steps of forks. */
export function nameGroup({ recipe, changes }: RunGroup, nameFork: (step: string) => string): string {
  const entries = Object.entries(changes);
  const own = entries.filter(([name]) => !readBeginning(name));
  const forks = entries.filter(([name]) => readBeginning(name)?.setting === "last_step");
  return [
    recipe,
    ...own.map(([name, value]) => `${name} ${formatValue(value)}`),
    ...(forks.length > 0 ? [nameFork(forks.map(([, value]) => formatValue(value)).join(", "))] : []),
  ].join(" · ");
}

const imagesOf = ({ judged_on: { dataset, sha256, set, num_images } }: RunGroup) =>
  [dataset, sha256, set, num_images].join(" ");

export const areComparable = (one: RunGroup, other: RunGroup) => imagesOf(one) === imagesOf(other);

/**
 * For a newcomer: the newest group that there is another one to compare with, judged by the same images; the other is
 * the baseline. Where there is none, the newest with several seeds.
 */
export function chooseGroups(groups: readonly RunGroup[]): string[] {
  for (const [index, newest] of groups.entries()) {
    const other = groups.slice(index + 1).find((group) => areComparable(group, newest));
    if (other) return [...other.runs, ...newest.runs];
  }
  return (groups.find(({ runs }) => runs.length > 1) ?? groups[0])?.runs ?? [];
}

/** Groups in whose words every word of the query is found. */
export function findGroups(
  groups: readonly RunGroup[],
  query: string,
  nameFork: (step: string) => string,
): RunGroup[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== "");
  return groups.filter((group) => {
    const text = [nameGroup(group, nameFork), ...group.runs].join(" ").toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

/** The names with some more or some fewer, in their order, no more than can be compared. */
export function toggleNames(names: readonly string[], some: readonly string[], isOn: boolean): string[] {
  const rest = names.filter((name) => !some.includes(name));
  return isOn ? [...rest, ...some].slice(0, MAX_COMPARED) : rest;
}

/** The same names, those of a group first: it becomes the baseline. */
export function putFirst(names: readonly string[], some: readonly string[]): string[] {
  const first = some.filter((name) => names.includes(name));
  return [...(first.length > 0 ? first : some), ...names.filter((name) => !some.includes(name))];
}

/** The two networks to set against each other while nobody has chosen: of two groups, or two seeds of one. */
export function choosePair(groups: readonly ComparedGroup[]): [first: string, second: string] | null {
  const [one, other] = groups;
  const [first, second] = [one?.runs[0], other ? other.runs[0] : one?.runs[1]];
  return first && second ? [first.name, second.name] : null;
}
