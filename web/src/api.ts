/** The one file that calls fetch. Types come from the server's own description (`npm run types`). */
import type { components } from "./api-types";
import type { Drawing } from "./draw/strokes";

type Schemas = components["schemas"];
export type Run = Schemas["RunView"];
export type Health = Schemas["Health"];
export type Answer = Schemas["Answer"];
export type FailedAnswer = Schemas["FailedAnswer"];
export type SeenImage = Schemas["SeenImage"];
export type InputAnswers = Schemas["InputAnswers"];
export type PredictResponse = Schemas["PredictResponse"];
export type EdgeMap = Schemas["EdgeMap"];
export type FailedMap = Schemas["FailedMap"];
export type EdgeMapResponse = Schemas["EdgeMapResponse"];
export type Filters = Schemas["Filters"];
export type Example = Schemas["Example"];
export type ReadImage = Schemas["ReadImageResponse"];
export type View = SeenImage["view"];
export type Problem = Schemas["ErrorBody"];
export type NetworkChoice = { run: string; step: number | null };

const TIMEOUT_MS = 20_000;

/** The server answered, and said why it could not do what was asked. */
export class ApiError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.message);
  }
}

/** No answer at all: the server is gone, or too slow. */
export class ServerLostError extends Error {}

export const getHealth = () => call<Health>("/api/health");

export const getRuns = async () => (await call<Schemas["Runs"]>("/api/runs")).runs;

export const getFilters = (run: string, step: number | null) =>
  call<Filters>(`/api/runs/${encodeURIComponent(run)}/filters${step === null ? "" : `?step=${step}`}`);

export const getExample = (dataset: string, label: number, after: number) =>
  call<Example>(`/api/examples/${encodeURIComponent(dataset)}?label=${label}&after=${after}`);

export function predict(
  drawing: Drawing,
  networks: NetworkChoice[],
  views: View[],
  signal: AbortSignal,
): Promise<PredictResponse> {
  return post("/api/predict", { drawings: [drawing], networks, views }, signal);
}

export function getEdgeMap(
  drawing: Drawing,
  networks: NetworkChoice[],
  signal: AbortSignal,
): Promise<EdgeMapResponse> {
  return post("/api/edge-map", { drawing, networks, view: "drawn" }, signal);
}

export function readImage(file: Blob, run: string): Promise<ReadImage> {
  return call(`/api/read-image?run=${encodeURIComponent(run)}`, {
    method: "POST",
    body: file,
    headers: { "content-type": file.type || "image/png" },
  });
}

function post<T>(path: string, body: unknown, signal: AbortSignal): Promise<T> {
  const headers = { "content-type": "application/json" };
  return call(path, { method: "POST", body: JSON.stringify(body), headers, signal });
}

async function call<T>(path: string, init: RequestInit = {}): Promise<T> {
  const timeout = AbortSignal.timeout(TIMEOUT_MS);
  const signal = init.signal ? AbortSignal.any([init.signal, timeout]) : timeout;
  let response: Response;
  let body: unknown;
  try {
    response = await fetch(path, { ...init, signal });
    body = await response.json();
  } catch (error) {
    throw new ServerLostError(String(error));
  }
  if (response.ok) return body as T;
  throw new ApiError(toProblem(body, response.status));
}

function toProblem(body: unknown, status: number): Problem {
  const problem = (body as { error?: Problem } | null)?.error;
  return problem ?? { code: "unknown", message: `HTTP ${status}`, hint: null, field: null };
}
