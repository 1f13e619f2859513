// The driver under Node: commands by standard input and events by standard output, a line each.

import { Driver } from "./driver.js";
import type { Command } from "./driver.js";

declare const process: {
  readonly stdin: {
    setEncoding(encoding: "utf8"): { on(event: "data", listener: (text: string) => void): void };
  };
  readonly stdout: { write(text: string): void };
  /** What keeps the process alive. */
  getActiveResourcesInfo(): string[];
};

const tell = (event: object): void => process.stdout.write(`${JSON.stringify(event)}\n`);
const random = Math.random;
let driver = new Driver(tell);
let rest = "";

/** What keeps the process alive beside its pipes; waits for a while until that is nothing, since sockets take a moment. */
async function leftovers(): Promise<string[]> {
  for (let tries = 0; ; tries++) {
    const left = process.getActiveResourcesInfo().filter((name) => name !== "PipeWrap");
    if (left.length === 0 || tries === 1000) {
      return left;
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function obey(command: Command): Promise<void> {
  if (command.do === "reset") {
    const left = await leftovers();
    Math.random = random;
    driver = new Driver(tell);
    tell({ event: "answer", re: command.re, value: left });
  } else {
    await driver.obey(command);
  }
}

process.stdin.setEncoding("utf8").on("data", (text) => {
  const lines = (rest + text).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) {
    void obey(JSON.parse(line) as Command);
  }
});
