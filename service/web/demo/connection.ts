/** What becomes of the connection: its state, when the next attempt is due, and what was lost and found. */

import type { ConnectionClosedError, Hole, State, TradingClient } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import type { Cable } from "./cable.js";
import { clock, duration, whole } from "./format.js";
import { note, record, type PageEvent } from "./record.js";
import { sentence } from "./sentence.js";
import type { Traffic } from "./traffic.js";

const STATES: Record<State, string> = {
  idle: "Starting",
  connecting: "Connecting",
  open: "Connected",
  reconnecting: "Reconnecting",
  closed: "Disconnected",
};
/** Events that the list shows. */
const ROWS = 60;

export class ConnectionPanel {
  readonly #state = byId("state", HTMLSpanElement);
  readonly #detail = byId("state-detail", HTMLParagraphElement);
  readonly #events = byId("events", HTMLOListElement);
  #reason = "";
  /** When the connection came, or went. */
  #since = performance.now();
  /** Holes told of since the connection is back; null where it has not just come back. */
  #holes: Hole[] | null = null;

  constructor(
    readonly client: TradingClient,
    readonly cable: Cable,
    readonly traffic: Traffic,
  ) {
    client.onState((state, reason) => this.#changed(state, reason));
    client.onHole((hole) => this.#missed(hole));
    client.onError((error) => this.log("error", sentence(error)));
    client.session.onServerShutdown(({ payload }) => {
      const ms = payload.reconnect_in_ms_max;
      cable.expect(ms);
      this.log("leaving", `The server is about to leave, and wants one back within ${duration(ms)}.`);
    });
    setInterval(() => this.#count(), 100);
  }

  log(kind: PageEvent["kind"], text: string, more: Pick<PageEvent, "caughtUp" | "holes"> = {}): void {
    const event = { kind, text, at: Date.now(), ...more };
    note(event);
    const row = make("li");
    row.dataset["kind"] = kind;
    row.append(make("time", "", clock(event.at)), make("span", "", text));
    this.#events.prepend(row);
    if (this.#events.childElementCount > ROWS) this.#events.lastElementChild?.remove();
  }

  #changed(state: State, reason: ConnectionClosedError | undefined): void {
    const away = performance.now() - this.#since;
    const before = record.state;
    record.state = state;
    this.#since = performance.now();
    this.#state.dataset["state"] = state;
    setText(this.#state, STATES[state]);
    this.#reason = reason === undefined ? "" : sentence(reason);
    if (state === "open" && before === "reconnecting") {
      this.log("open", `Connected again after ${duration(away)}, at attempt ${this.cable.attempts}.`);
      void this.#recovered();
    } else if (state === "open") {
      this.log("open", "Connected.");
    } else if (state === "reconnecting") {
      const what = before === "open" ? "Lost" : "No connection";
      this.log("lost", `${what}, ${this.#reason} ${this.#due()}`);
    } else if (state === "closed") {
      // This page closes its client only where it may not ask for anything.
      const own = reason?.code === 1000 && !reason.retryable;
      if (own) this.#reason = "Not connected: this service asks for a token.";
      this.log("closed", own ? this.#reason : `Closed for good, ${this.#reason}`);
    }
    this.#count();
  }

  /**
   * The client has asked to go on from where it was, topic by topic, before it says that the connection is open.
   * So once the server answers what is asked now, it has sent all that was missed.
   */
  async #recovered(): Promise<void> {
    const replayed = this.traffic.tally();
    const holes = (this.#holes = [] as Hole[]);
    try {
      await this.client.session.ping();
    } catch {
      // Lost once more; what becomes of that is told when the connection is back.
      return;
    } finally {
      if (this.#holes === holes) this.#holes = null;
    }
    const caughtUp = replayed.updates;
    const updates = `${counted(caughtUp, "update")} of ${counted(replayed.topics.size, "topic")} replayed`;
    if (holes.length === 0) {
      this.log("recovered", `Recovered: ${updates}, 0 missed.`, { caughtUp });
    } else {
      const topics = holes.map((hole) => hole.topic);
      const told = `Hole told in ${counted(topics.length, "topic")} (${channelsOf(topics)}): away for longer than`;
      this.log("hole", `${told} the server remembers. ${updates}.`, { caughtUp, holes: topics });
    }
  }

  #missed(hole: Hole): void {
    if (this.#holes === null) {
      const range = `after ${hole.after ?? "?"} it goes on after ${hole.seq ?? "?"}`;
      this.log("hole", `Hole told in ${hole.topic} (${hole.reason}): ${range}.`, { holes: [hole.topic] });
    } else {
      this.#holes.push(hole);
    }
  }

  /** What is under the state's name, which goes on changing while nothing happens. */
  #count(): void {
    const { state } = record;
    const seconds = Math.floor((performance.now() - this.#since) / 1_000);
    const minutes = `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
    const texts: Partial<Record<State, string>> = {
      open: `Connected for ${minutes}`,
      reconnecting: `${this.#reason} ${this.#due()}`,
      closed: this.#reason,
    };
    setText(this.#detail, texts[state] ?? "");
  }

  #due(): string {
    const { next } = this.cable;
    if (next === null) return "Trying now.";
    return `Next attempt within ${(Math.max(0, next - performance.now()) / 1_000).toFixed(1)} s.`;
  }
}

function counted(count: number, noun: string): string {
  return `${whole.format(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** Of which channels these topics are, and how many of each. */
function channelsOf(topics: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const topic of topics) {
    const channel = topic.split(":")[0] ?? topic;
    counts.set(channel, (counts.get(channel) ?? 0) + 1);
  }
  return [...counts].map(([channel, count]) => `${count} ${channel}`).join(", ");
}
