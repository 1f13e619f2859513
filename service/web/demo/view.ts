/** What the page says beside the chart: price, legend, measures and tape. */

import { byId, make, setText } from "../shared/dom.js";
import type { Bar, State } from "./feed.js";
import { nameOf, RESOLUTIONS, SYMBOLS, type Selection } from "./selection.js";

export type Direction = "up" | "down" | "flat";

const STATES: Record<State, string> = {
  idle: "Starting",
  connecting: "Connecting",
  open: "Connected",
  closed: "Disconnected",
};
/** Updates that the tape shows. */
export const TAPE_ROWS = 40;

const compact = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat("en");

/** Marks which chip and which button are chosen; makes a chip for a symbol that has none. */
export class Picker {
  readonly #symbols = byId("symbols", HTMLDivElement);
  readonly #resolutions = byId("resolutions", HTMLDivElement);
  readonly #form = byId("picker", HTMLFormElement);
  readonly #input = byId("symbol", HTMLInputElement);

  constructor(readonly choose: (change: Partial<Selection>) => void) {
    for (const symbol of SYMBOLS) this.#addChip(symbol);
    for (const [resolution, name] of RESOLUTIONS) this.#addButton(this.#resolutions, name, { resolution });
    this.#form.addEventListener("submit", (event) => {
      event.preventDefault();
      const symbol = this.#input.value.trim();
      if (symbol === "") return;
      this.#input.value = "";
      choose({ symbol });
    });
  }

  show(selection: Selection): void {
    const chips = [...this.#symbols.children];
    if (!chips.some((chip) => chip.textContent === selection.symbol)) this.#addChip(selection.symbol);
    for (const chip of this.#symbols.children) {
      press(chip, chip.textContent === selection.symbol);
    }
    const name = nameOf(selection.resolution);
    for (const button of this.#resolutions.children) press(button, button.textContent === name);
  }

  #addChip(symbol: string): void {
    this.#addButton(this.#symbols, symbol, { symbol }).className = "chip";
  }

  #addButton(parent: HTMLElement, text: string, change: Partial<Selection>): HTMLButtonElement {
    const button = make("button", "", text);
    button.type = "button";
    button.addEventListener("click", () => this.choose(change));
    parent.append(button);
    return button;
  }
}

function press(button: Element, pressed: boolean): void {
  const was = button.getAttribute("aria-pressed") === "true";
  button.setAttribute("aria-pressed", String(pressed));
  if (pressed && !was) button.scrollIntoView({ block: "nearest", inline: "nearest" });
}

/** The connection's state, the button that mends it, and what went wrong. */
export class StateView {
  readonly #state = byId("state", HTMLSpanElement);
  readonly #reconnect = byId("reconnect", HTMLButtonElement);
  readonly #problem = byId("problem", HTMLParagraphElement);

  constructor(reconnect: () => void) {
    this.#reconnect.addEventListener("click", reconnect);
  }

  show(state: State): void {
    this.#state.dataset["state"] = state;
    setText(this.#state, STATES[state]);
    this.#reconnect.hidden = state !== "closed";
  }

  problem(message: string | null): void {
    this.#problem.hidden = message === null;
    setText(this.#problem, message ?? "");
  }
}

/** The name of what is shown, its last price, and how it has moved since the first bar that the page has. */
export class PriceView {
  readonly #name = byId("name", HTMLHeadingElement);
  readonly #price = byId("price", HTMLOutputElement);
  readonly #change = byId("change", HTMLParagraphElement);
  #last: number | null = null;

  reset(selection: Selection): void {
    this.#last = null;
    setText(this.#name, selection.symbol);
    setText(this.#price, "—");
    this.#price.dataset["direction"] = "flat";
    this.#change.replaceChildren();
  }

  show(last: Bar, first: Bar, decimals: number): void {
    setText(this.#price, grouped(last.close, decimals));
    if (this.#last !== null && last.close !== this.#last) {
      this.#price.dataset["direction"] = directionOf(last.close - this.#last);
    }
    this.#last = last.close;
    const change = last.close - first.open;
    const percent = first.open === 0 ? 0 : (change / first.open) * 100;
    this.#change.dataset["direction"] = directionOf(Number(change.toFixed(decimals)));
    const text = `${signed(change, decimals)} (${signed(percent, 2)} %)`;
    const since = make("small", "", `since ${clock(first.time, false)}`);
    this.#change.replaceChildren(document.createTextNode(`${text} `), since);
  }

  /** Lets the colour of the last tick fade. */
  calm(): void {
    this.#price.dataset["direction"] = "flat";
  }
}

/** Open, high, low, close and volume of one bar, above the chart. */
export class LegendView {
  readonly #legend = byId("legend", HTMLDListElement);

  show(bar: Bar | undefined, decimals: number): void {
    if (bar === undefined) {
      this.#legend.replaceChildren();
      return;
    }
    const direction = directionOf(bar.close - bar.open);
    const fields: readonly (readonly [string, string])[] = [
      ["O", bar.open.toFixed(decimals)],
      ["H", bar.high.toFixed(decimals)],
      ["L", bar.low.toFixed(decimals)],
      ["C", bar.close.toFixed(decimals)],
      ["Vol", compact.format(bar.volume)],
    ];
    this.#legend.replaceChildren(
      ...fields.map(([name, value]) => {
        const pair = make("div");
        const definition = make("dd", "", value);
        if (name !== "Vol") definition.dataset["direction"] = direction;
        pair.append(make("dt", "", name), definition);
        return pair;
      }),
    );
  }
}

/** What the rail tells of the stream. */
export interface Measures {
  /** Milliseconds; null before the first update that says when it was published. */
  latency: number | null;
  delays: readonly number[];
  rate: number | null;
  received: number;
  bars: number;
  topic: string | null;
  seq: number | null;
  epoch: string | null;
}

export class RailView {
  readonly #latency = byId("latency", HTMLSpanElement);
  readonly #note = byId("latency-note", HTMLParagraphElement);
  readonly #rate = byId("rate", HTMLSpanElement);
  readonly #count = byId("count", HTMLSpanElement);
  readonly #bars = byId("bars", HTMLSpanElement);
  readonly #topic = byId("topic", HTMLParagraphElement);
  readonly #seq = byId("seq", HTMLSpanElement);
  readonly #epoch = byId("epoch", HTMLSpanElement);
  readonly #line = document.querySelector("#spark polyline");

  show(measures: Measures): void {
    const { latency, delays } = measures;
    setText(this.#latency, latency === null ? "—" : Math.round(latency).toString());
    // The delay is told from two clocks; where they differ, no number of ours is true.
    const skewed = latency !== null && latency < -5;
    setText(this.#note, skewed ? "this clock is behind the server's" : "from publishing to this page");
    setText(this.#rate, measures.rate === null ? "—" : measures.rate.toFixed(1));
    setText(this.#count, whole.format(measures.received));
    setText(this.#bars, whole.format(measures.bars));
    setText(this.#topic, measures.topic ?? "—");
    setText(this.#seq, measures.seq === null ? "—" : whole.format(measures.seq));
    setText(this.#epoch, measures.epoch === null ? "" : ` · epoch ${measures.epoch}`);
    this.#line?.setAttribute("points", points(delays));
  }
}

function points(delays: readonly number[]): string {
  const top = Math.max(4, ...delays);
  const step = 100 / Math.max(1, delays.length - 1);
  return delays.map((delay, at) => `${(at * step).toFixed(1)},${(27 - (Math.max(0, delay) / top) * 26).toFixed(1)}`).join(" ");
}

/** One update on the tape. */
export interface Tick {
  bar: Bar;
  /** When it was published, in Unix milliseconds. */
  at: number;
  direction: Direction;
}

/** The latest updates, newest first. */
export class TapeView {
  readonly #tape = byId("tape", HTMLOListElement);

  add({ bar, at, direction }: Tick, decimals: number): void {
    // The row that falls off the end is used again for the one that comes.
    const oldest = this.#tape.childElementCount < TAPE_ROWS ? null : this.#tape.lastElementChild;
    const row = oldest instanceof HTMLLIElement ? oldest : newRow();
    const [when, price, volume] = row.children;
    row.dataset["direction"] = direction;
    if (when) setText(when, clock(at, true));
    if (price) setText(price, bar.close.toFixed(decimals));
    if (volume) setText(volume, compact.format(bar.volume));
    this.#tape.prepend(row);
  }

  clear(): void {
    this.#tape.replaceChildren();
  }
}

function newRow(): HTMLLIElement {
  const row = make("li");
  row.append(make("span", "when"), make("span", "at"), make("span", "how"));
  return row;
}

export function directionOf(difference: number): Direction {
  if (difference > 0) return "up";
  return difference < 0 ? "down" : "flat";
}

function grouped(value: number, decimals: number): string {
  return value.toLocaleString("en", { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}

function signed(value: number, decimals: number): string {
  const text = grouped(Math.abs(value), decimals);
  return `${value < 0 ? "−" : "+"}${text}`;
}

/** A moment in UTC: time of day to the second, or to the tenth of one; with the date where it is not today's. */
function clock(time: number, tenths: boolean): string {
  const iso = new Date(time).toISOString();
  const day = iso.slice(0, 10);
  const moment = iso.slice(11, tenths ? 21 : 19);
  return tenths || day === new Date().toISOString().slice(0, 10) ? moment : `${day} ${moment}`;
}
