import fc from "fast-check";
import { expect, test } from "vitest";
import { EventReader, follow, waitBefore, type ServerEvent } from "./events";

const TEXT =
  ': ping\n\nid: 7\nevent: metrics\ndata: {"run": "a"}\n\ndata: one\r\ndata:two\r\n\r\nid: 8\nevent: queue\ndata\n\n';
const EVENTS: ServerEvent[] = [
  { id: "7", type: "metrics", data: '{"run": "a"}' },
  { id: "7", type: "message", data: "one\ntwo" },
  { id: "8", type: "queue", data: "" },
];

test("events are the same in whatever pieces they come", () => {
  fc.assert(
    fc.property(fc.array(fc.nat(TEXT.length), { maxLength: 30 }), (cuts) => {
      const places = [0, ...cuts.sort((one, other) => one - other), TEXT.length];
      const reader = new EventReader();
      const events = places.slice(1).flatMap((end, index) => reader.read(TEXT.slice(places[index], end)));
      expect(events).toEqual(EVENTS);
    }),
  );
});

test("an event that is cut off is none", () => {
  expect(new EventReader().read("id: 1\ndata: half")).toEqual([]);
  expect(new EventReader().read("event: run\n\n")).toEqual([]);
});

test("attempts come ever more seldom, but at least every twenty seconds", () => {
  const waits = Array.from({ length: 12 }, (_, attempt) => waitBefore(attempt, 0.5));
  expect(waits.slice(0, 4)).toEqual([500, 1000, 2000, 4000]);
  expect(waitBefore(99, 1)).toBeLessThan(20_000);
  expect(waitBefore(0, 0)).not.toBe(waitBefore(0, 1));
});

test("after a broken connection it goes on behind the last event", async () => {
  const asked: (string | null)[] = [];
  const seen: string[] = [];
  const losses: unknown[] = [];
  const parts = ["id: 1\ndata: a\n\nid: 2\ndata: b\n\n", "id: 3\ndata: c\n\n"];
  const stop = new AbortController();

  const lastId = await follow(
    {
      open: async (lastId) => {
        asked.push(lastId);
        const part = parts.shift();
        if (part === undefined) throw new Error("gone");
        return new Blob([part]).stream();
      },
      onevent: ({ data }) => seen.push(data),
      onlost: (error) => {
        losses.push(error);
        if (losses.length === 3) stop.abort();
      },
    },
    stop.signal,
    null,
  );

  expect(seen).toEqual(["a", "b", "c"]);
  expect(asked).toEqual([null, "2", "3"]);
  expect(losses).toEqual([null, null, new Error("gone")]);
  expect(lastId).toBe("3");
});
