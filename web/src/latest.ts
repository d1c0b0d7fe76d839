/**
 * Asking a slow other side about something that changes fast. Pure of the page and of fetch.
 *
 * At most one request is under way; of all that is asked meanwhile only the newest goes next. So answers
 * cannot come out of order, and a slow server gets as many requests as it can answer and no more.
 */
export class Latest<Request, Response> {
  #waiting: { request: Request; sequence: number } | null = null;
  #flying: AbortController | null = null;
  #sequence = 0;

  constructor(
    readonly send: (request: Request, signal: AbortSignal) => Promise<Response>,
    private readonly accept: (response: Response, request: Request) => void,
    private readonly fail: (error: unknown, request: Request) => void,
  ) {}

  ask(request: Request): void {
    this.#sequence += 1;
    this.#waiting = { request, sequence: this.#sequence };
    if (this.#flying === null) void this.#fly();
  }

  /** Forget what is waiting and what is under way: its answer will not be accepted. */
  cancel(): void {
    this.#waiting = null;
    this.#sequence += 1;
    this.#flying?.abort();
    this.#flying = null;
  }

  async #fly(): Promise<void> {
    while (this.#waiting !== null) {
      const { request, sequence } = this.#waiting;
      this.#waiting = null;
      const flight = new AbortController();
      this.#flying = flight;
      try {
        const response = await this.send(request, flight.signal);
        if (this.#flying !== flight) return;
        if (sequence <= this.#sequence) this.accept(response, request);
      } catch (error) {
        if (this.#flying !== flight) return;
        this.fail(error, request);
      }
    }
    this.#flying = null;
  }
}
