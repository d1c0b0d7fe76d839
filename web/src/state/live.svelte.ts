/** What the server tells while it trains: measurements, the queue, runs that change. Followed while a view wants it. */
import { ApiError, getMetrics, getQueue, openEvents, type MetricRows, type Queue, type Run } from "../api";
import { follow, type ServerEvent } from "../events";
import { appendRows, toColumns, type Columns } from "./columns";
import { runs } from "./runs.svelte";

/** Events that come together are shown together, */
const GATHER_MS = 100;
/** but of no more runs at once than a frame has time for: their curves are smoothed anew. */
const MAX_AT_ONCE = 12;
const FRAME_MS = 16;

class Live {
  columns: ReadonlyMap<string, Columns> = $state.raw(new Map());
  queue: Queue | null = $state.raw(null);
  /** Why the server refuses to tell, if it does. */
  problem: string | null = $state(null);

  #next = new Map<string, Columns>();
  /** Runs whose measurements are not shown as they are in `#next`. */
  #fresh = new Set<string>();
  #changed = new Map<string, Run>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #asked = new Set<string>();
  #lastId: string | null = null;

  /** Follow the runs of these names until the function that comes back is called. */
  follow(names: readonly string[]): () => void {
    const stop = new AbortController();
    void follow(
      {
        open: (lastId, signal) => openEvents(names, lastId, signal),
        onevent: (event) => {
          this.problem = null;
          runs.isFollowed = true;
          this.#lastId = event.id ?? this.#lastId;
          this.#take(event, names);
        },
        onlost: (error) => {
          runs.isFollowed = false;
          if (error instanceof ApiError) this.problem = error.problem.message;
          else runs.askSoon();
        },
      },
      stop.signal,
      this.#lastId,
    );
    void this.#fetch(names.filter((name) => !this.#next.has(name)));
    return () => {
      stop.abort();
      runs.isFollowed = false;
      runs.askSoon();
    };
  }

  #take({ type, data }: ServerEvent, names: readonly string[]): void {
    const body: unknown = data === "" ? null : JSON.parse(data);
    if (type === "reset") {
      void runs.poll();
      void this.fetchQueue();
      void this.#fetch(names);
    } else if (type === "run") {
      const run = body as Run;
      this.#changed.set(run.name, run);
      this.#show();
    } else if (type === "removed") {
      const { name } = body as { name: string };
      this.#changed.delete(name);
      this.#next.delete(name);
      this.#fresh.add(name);
      runs.drop(name);
      this.#show();
    } else if (type === "queue") this.queue = body as Queue;
    else if (type === "metrics") this.#takeRows(body as MetricRows);
  }

  #takeRows(rows: MetricRows): void {
    const known = this.#next.get(rows.run);
    const columns = known
      ? appendRows(known, rows.first_row, rows)
      : rows.first_row === 0
        ? toColumns(rows)
        : null;
    if (!columns) return void this.#fetch([rows.run]);
    this.#keep(rows.run, columns);
  }

  async fetchQueue(): Promise<void> {
    try {
      this.queue = await getQueue();
    } catch (error) {
      runs.noteFailure(error);
    }
  }

  async #fetch(names: readonly string[]): Promise<void> {
    const wanted = names.filter((name) => !this.#asked.has(name));
    if (wanted.length === 0) return;
    for (const name of wanted) this.#asked.add(name);
    try {
      for (const sent of await getMetrics(wanted)) this.#keep(sent.run, toColumns(sent));
    } catch (error) {
      runs.noteFailure(error);
    }
    for (const name of wanted) this.#asked.delete(name);
  }

  #keep(name: string, columns: Columns): void {
    this.#next.set(name, columns);
    this.#fresh.add(name);
    this.#show();
  }

  #show(wait = GATHER_MS): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      if (this.#changed.size > 0) runs.take(...this.#changed.values());
      this.#changed.clear();
      const names = [...this.#fresh].slice(0, MAX_AT_ONCE);
      const columns = new Map(this.columns);
      for (const name of names) {
        this.#fresh.delete(name);
        const known = this.#next.get(name);
        if (known) columns.set(name, known);
        else columns.delete(name);
      }
      if (names.length > 0) this.columns = columns;
      if (this.#fresh.size > 0) this.#show(FRAME_MS);
    }, wait);
  }
}

export const live = new Live();
