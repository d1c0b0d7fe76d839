/** A page on the real server that notices every outside request, every error, and every refusal of the CSP. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test as base, type Locator, type Page } from "@playwright/test";
import { findFreePort, InkproofServer } from "./server";

export { expect };
export type Place = [x: number, y: number];

/**
 * A 1 with a short flag, in pad coordinates, in the middle. `tutorial` gives the 1 a probability of 94 % there and of 28 % at
 * the right edge, ten pixels of the network further; `robust`, after an eighth of its training, 82 and 74 %: far enough apart for
 * the slightly other networks that another processor trains. (With a longer flag it might be a 7.)
 */
export const ONE: Place[] = [
  [102, 72],
  [126, 54],
  [116, 172],
];
export const SEVEN: Place[] = [
  [70, 55],
  [100, 50],
  [150, 52],
  [140, 90],
  [115, 130],
  [100, 185],
];

interface Fixtures {
  ink: Ink;
  /** Whether errors in the console fail the test; off where the server is meant to be lost. */
  isStrict: boolean;
}

export const test = base.extend<Fixtures, { server: InkproofServer }>({
  server: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const server = new InkproofServer(await findFreePort());
      await server.start();
      await use(server);
      await server.stop();
    },
    { scope: "worker" },
  ],
  isStrict: [true, { option: true }],
  ink: async ({ page, server, isStrict }, use) => {
    const problems: string[] = [];
    page.on("request", (request) => {
      const url = new URL(request.url());
      if (!["127.0.0.1", "localhost"].includes(url.hostname) && url.protocol !== "blob:") {
        problems.push(`outside request: ${request.url()}`);
      }
    });
    page.on("pageerror", (error) => problems.push(`page error: ${error.message}`));
    page.on("console", (message) => {
      if (isStrict && message.type() === "error") problems.push(`console: ${message.text()}`);
    });
    await use(new Ink(page, server.url));
    expect(problems).toEqual([]);
  },
});

/** What a person does on the page, and what they read there. */
export class Ink {
  readonly pad: Locator;

  constructor(
    readonly page: Page,
    readonly url: string,
  ) {
    this.pad = page.locator("#pad");
  }

  async open(hash = ""): Promise<void> {
    await this.page.goto(`${this.url}/${hash}`);
    await expect(this.card("tutorial").or(this.page.locator(".empty"))).toBeVisible();
  }

  card(run: string): Locator {
    return this.page.getByRole("article", { name: run, exact: true });
  }

  /** The class that a network reads, as the page shows it. */
  answer(run: string, view = "drawn"): Locator {
    return this.card(run).locator(`.answer[data-view="${view}"] .class`);
  }

  /** Draw by real pointer events through places of the pad (0 to 224). */
  async draw(places: Place[]): Promise<void> {
    const box = (await this.pad.boundingBox())!;
    const at = ([x, y]: Place): Place => [box.x + (box.width * x) / 224, box.y + (box.height * y) / 224];
    const { mouse } = this.page;
    await mouse.move(...at(places[0]!));
    await mouse.down();
    for (const place of places.slice(1)) await mouse.move(...at(place), { steps: 6 });
    await mouse.up();
  }

  map(run: string): Locator {
    return this.card(run).getByRole("application");
  }

  /** The dark pixels of the pad: how much ink a person sees. */
  async inkOnPad(): Promise<number> {
    return this.pad.locator("canvas").evaluate((canvas: HTMLCanvasElement) => {
      const { data } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
      let count = 0;
      for (let index = 3; index < data.length; index += 4) count += data[index]! > 127 ? 1 : 0;
      return count;
    });
  }

  /** Left, top, right and bottom of the ink as the network has it, in its pixels. */
  async seenBox(): Promise<number[]> {
    return this.page
      .locator(".pictures canvas")
      .first()
      .evaluate((canvas: HTMLCanvasElement) => {
        const { data, width } = canvas.getContext("2d")!.getImageData(0, 0, canvas.width, canvas.height);
        const box = [99, 99, -1, -1] as [number, number, number, number];
        for (let index = 0; index < data.length; index += 4) {
          if (data[index]! < 128) continue;
          const [x, y] = [(index / 4) % width, Math.floor(index / 4 / width)];
          box[0] = Math.min(box[0], x);
          box[1] = Math.min(box[1], y);
          box[2] = Math.max(box[2], x);
          box[3] = Math.max(box[3], y);
        }
        return box;
      });
  }
}

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

/** axe finds nothing on the page as it is now. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.evaluate(axeSource); // evaluated, not added: the CSP allows no inline script
  const violations = await page.evaluate(async () => {
    const found = await (window as unknown as { axe: typeof import("axe-core") }).axe.run();
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
  });
  expect(violations).toEqual([]);
}
