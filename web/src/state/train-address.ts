/** What the address holds of the view that trains: runs drawn, axes, smoothing. Pure. */
import { MAX_WEIGHT } from "../chart/smooth";
import { X_KINDS, type XKind } from "./columns";

export interface TrainAddress {
  /** Runs whose curves are drawn; null: the page chooses. */
  curves: string[] | null;
  x: XKind;
  isLogX: boolean;
  isLogY: boolean;
  /** 0 to 0.99. */
  smoothing: number;
  /** Whether runs that differ by nothing but their seed are drawn as one. */
  joinsSeeds: boolean;
  /** The sweep that is looked at; "" for the newest; null: no sweep, but single trainings. */
  sweep: string | null;
}

export const PLAIN: TrainAddress = {
  curves: null,
  x: "step",
  isLogX: false,
  isLogY: false,
  smoothing: 0,
  joinsSeeds: true,
  sweep: null,
};

export function writeTrain(
  fields: URLSearchParams,
  { curves, x, isLogX, isLogY, smoothing, joinsSeeds, sweep }: TrainAddress,
): void {
  if (curves !== null) fields.set("curves", curves.join(","));
  if (x !== "step") fields.set("x", x);
  const log = `${isLogX ? "x" : ""}${isLogY ? "y" : ""}`;
  if (log !== "") fields.set("log", log);
  if (smoothing > 0) fields.set("smooth", String(smoothing));
  if (!joinsSeeds) fields.set("seeds", "apart");
  if (sweep !== null) fields.set("sweep", sweep);
}

export function readTrain(fields: URLSearchParams): TrainAddress {
  const [curves, log] = [fields.get("curves"), fields.get("log") ?? ""];
  const smoothing = Number(fields.get("smooth") ?? 0);
  return {
    curves: curves === null ? null : curves.split(",").filter((name) => name !== ""),
    x: X_KINDS.find((kind) => kind === fields.get("x")) ?? "step",
    isLogX: log.includes("x"),
    isLogY: log.includes("y"),
    smoothing: smoothing > 0 ? Math.min(MAX_WEIGHT, smoothing) : 0,
    joinsSeeds: fields.get("seeds") !== "apart",
    sweep: fields.get("sweep"),
  };
}
