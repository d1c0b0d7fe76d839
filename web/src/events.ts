/**
 * Server-sent events over fetch: read, and followed across lost connections.
 *
 * The browser's own EventSource waits the same few seconds between attempts for ever, gives up at the first refusal,
 * and cannot carry Last-Event-ID over to another list of runs.
 */

export interface ServerEvent {
  id: string | null;
  type: string;
  data: string;
}

/** Takes text in pieces of any size and gives the events that are whole (WHATWG HTML, section 9.2.6). Pure. */
export class EventReader {
  #rest = "";
  #data: string[] = [];
  #type = "";
  #id: string | null = null;

  read(text: string): ServerEvent[] {
    this.#rest += text;
    const events: ServerEvent[] = [];
    for (;;) {
      const end = /\r\n|\n|\r(?=[^])/.exec(this.#rest); // a \r at the very end may be half of \r\n
      if (!end) return events;
      const line = this.#rest.slice(0, end.index);
      this.#rest = this.#rest.slice(end.index + end[0].length);
      if (line !== "") this.#take(line);
      else {
        if (this.#data.length > 0)
          events.push({ id: this.#id, type: this.#type || "message", data: this.#data.join("\n") });
        this.#data = [];
        this.#type = "";
      }
    }
  }

  #take(line: string): void {
    const [, field = "", value = ""] = /^([^:]*):? ?([^]*)$/.exec(line) ?? [];
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#type = value;
    else if (field === "id" && !value.includes("\0")) this.#id = value;
  }
}

const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 15_000;

/** How long to wait before the n-th attempt (from 0) in a row: twice as long each time, and not all pages at once. */
export function waitBefore(attempt: number, random = Math.random()): number {
  return Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** attempt) * (0.75 + 0.5 * random);
}

export interface Following {
  /** Opens the stream after the event with this id; rejects when the server is lost or refuses. */
  open: (lastId: string | null, signal: AbortSignal) => Promise<ReadableStream<Uint8Array>>;
  onevent: (event: ServerEvent) => void;
  /** The connection was lost (null) or refused. */
  onlost: (error: unknown) => void;
}

/** Follow until `signal` is aborted. Gives the id of the last event, from which another following can go on. */
export async function follow(
  { open, onevent, onlost }: Following,
  signal: AbortSignal,
  lastId: string | null,
): Promise<string | null> {
  let attempt = 0;
  while (!signal.aborted) {
    try {
      const reader = new EventReader();
      const stream = await open(lastId, signal);
      for await (const text of toText(stream))
        for (const event of reader.read(text)) {
          attempt = 0;
          onevent(event);
          lastId = event.id ?? lastId;
        }
      if (!signal.aborted) onlost(null);
    } catch (error) {
      if (!signal.aborted) onlost(error);
    }
    await pause(waitBefore(attempt), signal);
    attempt += 1;
  }
  return lastId;
}

async function* toText(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  const reader = stream.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    yield decoder.decode(value, { stream: true });
  }
}

function pause(duration_ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, duration_ms);
    signal.addEventListener("abort", () => (clearTimeout(timer), resolve()), { once: true });
  });
}
