/** What the shown networks say to the drawing: answers on every movement, edge maps when it rests. */
import {
  ApiError,
  getEdgeMap,
  predict,
  type Answer,
  type EdgeMap,
  type FailedAnswer,
  type FailedMap,
  type InputAnswers,
  type NetworkChoice,
  type Problem,
  type View,
} from "../api";
import { isEmpty, type Drawing } from "../draw/strokes";
import { Latest } from "../latest";
import { isAnswer, toChoices } from "./choose";
import { pad } from "./pad.svelte";
import { runs } from "./runs.svelte";
import { settings } from "./settings.svelte";

interface Question {
  drawing: Drawing;
  networks: NetworkChoice[];
  views: View[];
}

const EDGE_REST_MS = 90;
const AGAIN_MS = 1000;

class Answers {
  input: InputAnswers | null = $state.raw(null);
  maps: (EdgeMap | FailedMap)[] = $state.raw([]);
  problem: Problem | null = $state.raw(null);
  /** Counts the answers taken in: tests and benchmarks wait for it. */
  count = $state(0);

  views: View[] = $derived(settings.views === "both" ? ["drawn", "centred"] : [settings.views]);
  /** All real answers, in the order networks are shown. */
  given: Answer[] = $derived((this.input?.answers ?? []).filter(isAnswer));

  #predictions = new Latest<Question, InputAnswers | null>(
    async ({ drawing, networks, views }, signal) =>
      (await predict(drawing, networks, views, signal)).inputs[0] ?? null,
    (input) => {
      this.input = input;
      this.problem = null;
      this.count += 1;
    },
    (error) => this.#note(error),
  );
  #edges = new Latest<Question, (EdgeMap | FailedMap)[]>(
    async ({ drawing, networks }, signal) => (await getEdgeMap(drawing, networks, signal)).maps,
    (maps) => (this.maps = maps),
    (error) => this.#note(error),
  );

  of(run: string, view: View): Answer | FailedAnswer | null {
    return this.input?.answers.find((answer) => answer.run === run && answer.view === view) ?? null;
  }
  mapOf(run: string): EdgeMap | FailedMap | null {
    return this.maps.find((map) => map.run === run) ?? null;
  }

  /** Ask whenever the drawing, the networks or the views change. Call once, inside an effect root. */
  follow(): void {
    // As text, because each polling makes new runs that ask for the same.
    const networksText = $derived(JSON.stringify(toChoices(runs.shown, settings.step)));
    const ask = () => {
      const networks = JSON.parse(networksText) as NetworkChoice[];
      const question = { drawing: pad.drawing, networks, views: this.views };
      if (isEmpty(question.drawing) || networks.length === 0 || runs.isLost) return null;
      return question;
    };
    $effect(() => {
      const question = ask();
      if (question) this.#predictions.ask(question);
      else this.#forget();
    });
    $effect(() => {
      const question = ask();
      if (!question) return undefined;
      const timer = setTimeout(() => this.#edges.ask(question), EDGE_REST_MS);
      return () => clearTimeout(timer);
    });
    $effect(() => {
      if (!runs.isLearning || settings.step !== null) return undefined;
      const timer = setInterval(() => {
        const question = ask();
        if (!question) return;
        this.#predictions.ask(question);
        this.#edges.ask(question);
      }, AGAIN_MS);
      return () => clearInterval(timer);
    });
  }

  #forget(): void {
    if (runs.isLost) return; // the last answers stay to be read
    this.#predictions.cancel();
    this.#edges.cancel();
    this.input = null;
    this.maps = [];
    this.problem = null;
  }

  #note(error: unknown): void {
    if (error instanceof ApiError) this.problem = error.problem;
    else runs.noteFailure(error);
  }
}

export const answers = new Answers();
