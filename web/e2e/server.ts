/** The real server, started as a person starts it. */
import { spawn, type ChildProcess } from "node:child_process";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
export const INKPROOF = `${ROOT}.venv/bin/inkproof`;
export const RUNS_DIR = `${ROOT}.cache/e2e-runs`;
const START_MS = 30_000;

export class InkproofServer {
  #process: ChildProcess | null = null;
  #output = "";

  constructor(
    readonly port: number,
    readonly runsDir: string = RUNS_DIR,
  ) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const options = [
      "--no-open",
      "--no-tensorboard",
      "--port",
      String(this.port),
      "--runs-dir",
      this.runsDir,
    ];
    const child = spawn(INKPROOF, ["serve", ...options], { stdio: ["ignore", "pipe", "pipe"] });
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (text) => (this.#output += String(text)));
    this.#process = child;
    const end = Date.now() + START_MS;
    while (Date.now() < end && child.exitCode === null) {
      if (await isUp(this.url)) return;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    throw new Error(`The server did not start:\n${this.#output}`);
  }

  async stop(): Promise<void> {
    const child = this.#process;
    this.#process = null;
    if (!child || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }
}

async function isUp(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/api/health`)).ok;
  } catch {
    return false;
  }
}

export async function findFreePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}
