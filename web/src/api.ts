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
export type Recipe = Schemas["RecipeView"];
export type Setting = Schemas["SettingView"];
export type Queue = Schemas["QueueView"];
export type MetricRows = Schemas["MetricRows"];
export type Distribution = Schemas["Distribution"];
export type Deleted = Schemas["TrashedRun"];
export type Evaluation = Schemas["RunEvaluation"];
export type EvaluationJob = Schemas["EvaluationJob"];
export type SuiteName = Schemas["SuiteView"]["suite"];
export type SuiteResult = Schemas["SuiteResult"];
export type Figure = Schemas["Figure"];
export type Calibration = Schemas["Calibration"];
export type AnsweredImage = Schemas["AnsweredImage"];
export type View = SeenImage["view"];
export type RunGroup = Schemas["RunGroup"];
export type ComparisonReport = Schemas["ComparisonReport"];
export type ComparedGroup = Schemas["ComparedGroup"];
export type GroupComparison = Schemas["GroupComparison"];
export type AnswerTable = Schemas["AnswerTable"];
export type DoublyAnsweredImage = Schemas["DoublyAnsweredImage"];
export type SweepList = Schemas["Sweeps"];
export type SweepSummary = Schemas["SweepSummary"];
export type SweepView = Schemas["SweepView"];
export type SweepTrial = Schemas["TrialView"];
export type SweepWish = Schemas["SweepRequest"];
export type Outcome = "both" | "only_first" | "only_second" | "neither";
/** Which images of two networks: by class, by who is right, by what each answers. */
export type ImageQuery = { label?: number; outcome?: Outcome; first_answer?: number; second_answer?: number };
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

export const getEvaluation = (run: string) =>
  call<Evaluation>(`/api/runs/${encodeURIComponent(run)}/evaluation`);

export const getEvaluationJobs = async () => (await call<Schemas["EvaluationJobs"]>("/api/evaluations")).jobs;

export async function startEvaluation(run: string, suites: SuiteName[] | null): Promise<EvaluationJob[]> {
  const path = `/api/runs/${encodeURIComponent(run)}/evaluation`;
  return (await send<Schemas["EvaluationJobs"]>("POST", path, { suites })).jobs;
}

export async function stopEvaluation(run: string): Promise<EvaluationJob[]> {
  const path = `/api/runs/${encodeURIComponent(run)}/evaluation`;
  return (await send<Schemas["EvaluationJobs"]>("DELETE", path)).jobs;
}

export function getTestImages(
  run: string,
  label: number,
  answer: number,
  offset: number,
  limit: number,
): Promise<Schemas["AnsweredImages"]> {
  const query = new URLSearchParams(
    Object.entries({ label, answer, offset, limit }).map(([name, value]) => [name, `${value}`]),
  );
  return call(`/api/runs/${encodeURIComponent(run)}/test-images?${query}`);
}

export function readImage(file: Blob, run: string): Promise<ReadImage> {
  return call(`/api/read-image?run=${encodeURIComponent(run)}`, {
    method: "POST",
    body: file,
    headers: { "content-type": file.type || "image/png" },
  });
}

export const getRecipes = () => call<Schemas["Recipes"]>("/api/recipes");

export const getRunSettings = (run: string) => call<Schemas["RunSettings"]>(`${toPath(run)}/settings`);

export const startTraining = (training: Schemas["TrainingRequest"]) =>
  send<Run>("POST", "/api/trainings", training);

export const forkRun = (run: string, fork: Schemas["ForkRequest"]) =>
  send<Run>("POST", `${toPath(run)}/fork`, fork);

export const getDistributions = (run: string) =>
  call<Schemas["Distributions"]>(`${toPath(run)}/distributions`);

export const getQueue = () => call<Queue>("/api/queue");
export const orderQueue = (waiting: string[]) => send<Queue>("PUT", "/api/queue", { waiting });

export const stopRun = (run: string) => send<Run>("POST", `${toPath(run)}/stop`);
export const resumeRun = (run: string) => send<Run>("POST", `${toPath(run)}/resume`);
export const updateRun = (run: string, changes: Schemas["RunChange"]) =>
  send<Run>("PATCH", toPath(run), changes);
export const deleteRun = (run: string) => send<Deleted>("DELETE", toPath(run));
export const getTrash = async () => (await call<Schemas["TrashView"]>("/api/trash")).runs;
export const restoreRun = (id: string) => send<Run>("POST", `/api/trash/${encodeURIComponent(id)}/restore`);

export const getMetrics = async (names: readonly string[]) =>
  (await call<Schemas["Metrics"]>(`/api/metrics?${toQuery(names)}`)).runs;

/** The stream of events behind the one with the id `lastId`; it ends only with `signal`, or when it breaks. */
export async function openEvents(
  names: readonly string[],
  lastId: string | null,
  signal: AbortSignal,
): Promise<ReadableStream<Uint8Array>> {
  const headers: Record<string, string> = { accept: "text/event-stream" };
  if (lastId !== null) headers["last-event-id"] = lastId;
  let response: Response;
  try {
    response = await fetch(`/api/events?${toQuery(names)}`, { headers, signal });
  } catch (error) {
    throw new ServerLostError(String(error));
  }
  if (response.ok && response.body) return response.body;
  throw new ApiError(toProblem(await response.json().catch(() => null), response.status));
}

export const getRunGroups = async () => (await call<Schemas["RunGroups"]>("/api/compare/groups")).groups;

export const getComparison = (names: readonly string[], signal: AbortSignal) =>
  call<ComparisonReport>(`/api/compare?${toQuery(names)}`, { signal });

export const getAnswerTable = (first: string, second: string) =>
  call<AnswerTable>(`/api/compare/answers?${new URLSearchParams({ first, second })}`);

export function getComparedImages(
  [first, second]: readonly [string, string],
  query: ImageQuery,
  offset: number,
  limit: number,
): Promise<Schemas["DoublyAnsweredImages"]> {
  const fields = { first, second, ...query, offset, limit };
  const text = Object.entries(fields).map(([name, value]) => [name, String(value)]);
  return call(`/api/compare/images?${new URLSearchParams(text)}`);
}

export const getSweeps = () => call<SweepList>("/api/sweeps");
export const getSweep = (name: string) => call<SweepView>(toSweep(name));
export const startSweep = (wish: SweepWish) => send<SweepView>("POST", "/api/sweeps", wish);
export const stopSweep = (name: string) => send<SweepView>("POST", `${toSweep(name)}/stop`);
export const resumeSweep = (name: string, trials: number | null) =>
  send<SweepView>("POST", `${toSweep(name)}/resume`, { trials });
export const deleteSweep = (name: string, withRuns: boolean) =>
  send<Schemas["DeletedSweep"]>("DELETE", `${toSweep(name)}?runs=${withRuns}`);
/** Where the browser finds a sweep's trials as a file. */
export const linkToTrials = (name: string) => `${toSweep(name)}/trials.csv`;

const toSweep = (name: string) => `/api/sweeps/${encodeURIComponent(name)}`;
const toPath = (run: string) => `/api/runs/${encodeURIComponent(run)}`;
const toQuery = (names: readonly string[]) => new URLSearchParams(names.map((name) => ["run", name]));

function send<T>(method: string, path: string, body?: unknown): Promise<T> {
  const content = { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
  return call(path, { method, ...(body === undefined ? {} : content) });
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
