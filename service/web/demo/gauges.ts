/** What is measured and checked all the time: latency, rate, and whether everything has arrived. */

import { byId, setText } from "../shared/dom.js";
import { whole } from "./format.js";
import { record } from "./record.js";
import type { Traffic } from "./traffic.js";

export class Gauges {
  readonly #latency = byId("latency", HTMLSpanElement);
  readonly #latencyNote = byId("latency-note", HTMLParagraphElement);
  readonly #rate = byId("rate", HTMLSpanElement);
  readonly #rateNote = byId("rate-note", HTMLParagraphElement);
  readonly #trades = byId("trades-check", HTMLLIElement);
  readonly #book = byId("book-check", HTMLLIElement);
  readonly #line = document.querySelector("#spark polyline");

  constructor(readonly traffic: Traffic) {
    setInterval(() => this.#show(), 250);
    this.#show();
  }

  #show(): void {
    const { latency, delays, rate, received } = this.traffic;
    setText(this.#latency, latency === null ? "—" : Math.round(latency).toString());
    // The delay is told from two clocks; where they differ, no number of ours is true.
    const skewed = latency !== null && latency < -5;
    setText(this.#latencyNote, skewed ? "this clock is behind the server's" : "published to here");
    setText(this.#rate, rate === null ? "—" : rate.toFixed(rate < 100 ? 1 : 0));
    setText(this.#rateNote, `${whole.format(received)} received`);
    this.#line?.setAttribute("points", points(delays));
    this.#showTrades();
    this.#showBook();
  }

  #showTrades(): void {
    const check = record.trades;
    const { received = 0, first, last, missing = 0, disordered = 0, holes = 0, ok = true } = check ?? {};
    if (check === null || (received === 0 && holes === 0)) {
      tell(this.#trades, "idle", "Trades", record.refused["trades"] ? "not served here" : "none yet");
      return;
    }
    const wrong = [missing && `${missing} missing`, disordered && `${disordered} out of order`].filter(Boolean);
    const told = holes > 0 ? `${holes} ${holes === 1 ? "hole" : "holes"} told` : "none missing";
    const verdict = ok ? `in order, ${told}` : wrong.join(", ");
    const range = first && last ? ` · seq ${whole.format(first)} to ${whole.format(last)}` : "";
    const mark = ok ? (holes > 0 ? "told" : "ok") : "wrong";
    tell(this.#trades, mark, "Trades", `${whole.format(received)} ${verdict}${range}`);
  }

  #showBook(): void {
    const { checked = 0, wrong = 0, checksum } = record.book ?? {};
    if (checked === 0) {
      tell(this.#book, "idle", "Book", record.refused["orderbook"] ? "not served here" : "none yet");
      return;
    }
    const sum = (checksum ?? 0).toString(16).padStart(8, "0");
    const verdict = wrong === 0 ? "all agree" : `${wrong} differ`;
    tell(this.#book, wrong === 0 ? "ok" : "wrong", "Book", `${whole.format(checked)} compared, ${verdict} · checksum ${sum}`);
  }
}

function tell(item: HTMLLIElement, verdict: "ok" | "told" | "wrong" | "idle", name: string, text: string): void {
  item.dataset["verdict"] = verdict;
  const [label, said] = item.children;
  if (label) setText(label, name);
  if (said) setText(said, text);
}

function points(delays: readonly number[]): string {
  const shown = delays.slice(-60).map((delay) => Math.max(0, delay));
  const top = Math.max(4, ...shown);
  const step = 100 / Math.max(1, shown.length - 1);
  return shown.map((delay, at) => `${(at * step).toFixed(1)},${(23 - (delay / top) * 22).toFixed(1)}`).join(" ");
}
