/** The form of a training: which fields it has, what multiplying does to them, what differs from the recipe. Pure. */

/** What the form must know of a setting; the server describes each so. */
export interface FieldSetting {
  name: string;
  /** The architecture that has it; null for all. */
  model: string | null;
  type: "integer" | "number" | "boolean" | "choice" | "text" | "list";
  minimum: number | null;
  maximum: number | null;
  excludes_minimum: boolean;
  excludes_maximum: boolean;
}

export const MODEL_NAME = "model.name";
/** What a beginner changes; everything else is folded away. */
const FIRST = ["learning_rate", "steps", "batch_size", "seed"];

export interface Groups<S> {
  first: S[];
  network: S[];
  more: S[];
}

/** The settings that a training of an architecture has, in three groups; each group in the order of the server. */
export function groupFields<S extends FieldSetting>(settings: readonly S[], model: string | null): Groups<S> {
  const own = settings.filter((setting) => setting.model === null || setting.model === model);
  const isNetwork = ({ name }: S) => name.startsWith("model.");
  return {
    first: FIRST.map((name) => own.find((setting) => setting.name === name)).filter(
      (found) => found !== undefined,
    ),
    network: own.filter(isNetwork),
    more: own.filter((setting) => !isNetwork(setting) && !FIRST.includes(setting.name)),
  };
}

/** A value as it stands in a field. */
export function toText(value: unknown): string {
  if (value === null || value === undefined) return "";
  return Array.isArray(value) ? value.join(", ") : String(value);
}

/** Ten times as much means something where every value is above nought: a rate, a number of steps; not a seed. */
export function canMultiply({ type, minimum, excludes_minimum }: FieldSetting): boolean {
  const isNumber = type === "integer" || type === "number";
  return isNumber && minimum !== null && (minimum > 0 || (minimum === 0 && excludes_minimum));
}

// 0.0003 × 10 is 0.0029999999999999996 in binary.
const DIGITS = 12;

/**
 * A field's text times `factor`: held to the limits of the setting, a whole number where it must be one. null where
 * that changes nothing: the field is no number, or stands at its limit.
 */
export function multiply(text: string, factor: number, setting: FieldSetting): string | null {
  const value = Number(text);
  if (!canMultiply(setting) || text.trim() === "" || !(value > 0)) return null;
  let product = Number((value * factor).toPrecision(DIGITS));
  if (setting.type === "integer") product = Math.round(product);
  const { minimum, maximum, excludes_minimum, excludes_maximum } = setting;
  // A limit that is itself not allowed cannot be held to.
  if (maximum !== null && (excludes_maximum ? product >= maximum : product > maximum)) {
    if (excludes_maximum) return null;
    product = maximum;
  }
  if (minimum !== null && (excludes_minimum ? product <= minimum : product < minimum)) {
    if (excludes_minimum) return null;
    product = minimum;
  }
  return product === value ? null : String(product);
}

/** Whether a field says something else than a value: 1e-4 and 0.0001 are the same. */
export function differs(text: string, value: unknown, type: FieldSetting["type"]): boolean {
  const [one, other] = [text.trim(), toText(value)];
  if (one === other) return false;
  const isNumber = type === "integer" || type === "number";
  return !(isNumber && one !== "" && other !== "" && Number(one) === Number(other));
}

/** What to send: the fields that differ from the recipe's values, as the server reads them. */
export function collectChanges(
  fields: readonly FieldSetting[],
  texts: Readonly<Record<string, string>>,
  values: Readonly<Record<string, unknown>>,
): Record<string, string | boolean | null> {
  const changed = fields.filter(
    ({ name, type }) => name in texts && differs(texts[name]!, values[name], type),
  );
  return Object.fromEntries(changed.map(({ name, type }) => [name, toValue(texts[name]!.trim(), type)]));
}

/** Numbers and lists stay text: the server says what is wrong with one, better than this page could. */
function toValue(text: string, type: FieldSetting["type"]): string | boolean | null {
  if (type === "boolean") return text === "true";
  return text === "" ? null : text;
}
