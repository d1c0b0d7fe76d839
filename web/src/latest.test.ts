import { expect, test } from "vitest";
import { Latest } from "./latest";

/** A server whose answers come when the test says so. */
function makeSlowServer() {
  const open: { request: number; signal: AbortSignal; answer: (text: string) => void; break: () => void }[] =
    [];
  const accepted: string[] = [];
  const failed: number[] = [];
  const latest = new Latest<number, string>(
    (request, signal) =>
      new Promise((resolve, reject) =>
        open.push({ request, signal, answer: resolve, break: () => reject(new Error()) }),
      ),
    (response) => accepted.push(response),
    (_error, request) => failed.push(request),
  );
  return { latest, open, accepted, failed };
}

const settle = () => new Promise((resolve) => setTimeout(resolve));

test("only one request is under way, and the newest goes next", async () => {
  const { latest, open, accepted } = makeSlowServer();
  for (const request of [1, 2, 3, 4]) latest.ask(request);
  expect(open.map(({ request }) => request)).toEqual([1]);
  open[0]?.answer("one");
  await settle();
  expect(open.map(({ request }) => request)).toEqual([1, 4]);
  open[1]?.answer("four");
  await settle();
  expect(accepted).toEqual(["one", "four"]);
});

test("after a failure the next request goes out", async () => {
  const { latest, open, accepted, failed } = makeSlowServer();
  latest.ask(1);
  latest.ask(2);
  open[0]?.break();
  await settle();
  open[1]?.answer("two");
  await settle();
  expect([failed, accepted]).toEqual([[1], ["two"]]);
});

test("a cancelled request is aborted and its answer is not accepted", async () => {
  const { latest, open, accepted } = makeSlowServer();
  latest.ask(1);
  latest.cancel();
  expect(open[0]?.signal.aborted).toBe(true);
  latest.ask(2);
  open[1]?.answer("two");
  open[0]?.answer("one");
  await settle();
  expect(accepted).toEqual(["two"]);
});
