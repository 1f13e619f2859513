/** Candles: the bars of the past, and the one that is forming. */

import type {
  Bar,
  BarsHistory,
  BarsPage,
  BarsUpdate,
  SymbolInfo,
  TradingClient,
} from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { BarBook, decimalsOf } from "./bars.js";
import { CandleChart } from "./chart.js";
import { Digits, directionOf } from "./format.js";
import { nextFrame } from "./frame.js";
import { answered, begin, Note, PATIENT } from "./panel.js";
import { keep, record } from "./record.js";
import { sentence } from "./sentence.js";
import type { Selection } from "./selection.js";
import type { Traffic } from "./traffic.js";

/** Bars to ask for at once. */
const PAGE = 500;

export class CandlePanel {
  readonly #chart = new CandleChart(byId("chart", HTMLDivElement));
  readonly #legend = new Legend();
  #digits = new Digits(undefined);
  readonly #note = new Note("chart-note");
  readonly #book = new BarBook();
  #decimals: number | undefined;
  #selection: Selection | null = null;
  #signal = AbortSignal.abort();
  /** Whether nothing is before the first bar; true also while that is being found out. */
  #complete = true;
  /** From when on bars have changed since they were drawn, in Unix milliseconds; -Infinity: draw all anew. */
  #stale = Infinity;
  #hovered: number | null = null;
  /** For whose sake the last bars are being fetched, and whether they have to be once more. */
  #filling: AbortSignal | null = null;
  #doubtful = false;

  /** `told` hears of the last bar, once it is drawn. */
  constructor(
    readonly client: TradingClient,
    readonly traffic: Traffic,
    readonly told: (last: Bar) => void,
  ) {
    this.#chart.onHover((time) => {
      this.#hovered = time;
      this.#showLegend();
    });
    this.#chart.onEdge(() => void this.#older());
  }

  show(selection: Selection, signal: AbortSignal, info: SymbolInfo | undefined): void {
    this.#digits = new Digits(info);
    this.#decimals = info?.price_decimals;
    this.#selection = selection;
    this.#signal = signal;
    this.#complete = true;
    this.#book.clear();
    record.topic = null;
    record.shown = 0;
    this.#note.say("Waiting for the first bar…");
    this.#chart.setResolution(selection.resolution);
    this.#change(-Infinity);
    void begin("bars", this.#note, signal, () => this.#follow(selection, signal));
  }

  /** Draws again, in the colours that the page has now. */
  paint(): void {
    this.#chart.paint();
    this.#change(-Infinity);
  }

  /** First subscribes, then asks for what has been: in this order nothing can fall between the two. */
  async #follow(selection: Selection, signal: AbortSignal): Promise<void> {
    const onHole = (): void => void this.#refill(selection, signal);
    const take = (bar: Bar, update: BarsUpdate): void => this.#take(bar, update);
    const subscription = await this.client.bars.subscribe(selection, take, { ...PATIENT, signal, onHole });
    record.topic = subscription.topic;
    await this.#refill(selection, signal);
  }

  #take(bar: Bar, update: BarsUpdate): void {
    keep(bar, update);
    this.traffic.add(update);
    if (update.seq_from !== undefined && this.#selection !== null) {
      // It stands for several, the last state of the bar before perhaps among them: the page was too slow for all.
      void this.#refill(this.#selection, this.#signal);
    }
    this.#change(this.#book.put(bar) === "older" ? -Infinity : bar.time);
  }

  /** Asks for the last bars, until nothing more was missed meanwhile. */
  async #refill(selection: Selection, signal: AbortSignal): Promise<void> {
    this.#book.doubt();
    this.#doubtful = true;
    if (this.#filling === signal) return;
    this.#filling = signal;
    while (this.#doubtful) {
      this.#doubtful = false;
      const page = await this.#history(selection, signal);
      if (signal.aborted) return;
      if (page === null) break;
      this.#book.replace(page.bars);
      this.#complete = page.complete;
      this.#change(-Infinity);
    }
    this.#filling = null;
  }

  /** Asks for the bars before the first one. */
  async #older(): Promise<void> {
    const { first } = this.#book;
    const [selection, signal] = [this.#selection, this.#signal];
    if (this.#complete || first === undefined || selection === null) return;
    this.#complete = true;
    const page = await this.#history({ ...selection, to: first.time }, signal);
    if (page === null || signal.aborted) return;
    this.#book.prepend(page.bars);
    this.#complete = page.complete;
    this.#change(-Infinity);
  }

  /** A page of bars; null where there is no past to be had. */
  async #history(wanted: BarsHistory, signal: AbortSignal): Promise<BarsPage | null> {
    try {
      return await answered(() => this.client.bars.history({ ...wanted, limit: PAGE }, { ...PATIENT, signal }));
    } catch (error) {
      // Then the chart begins now.
      if (!signal.aborted) this.#note.say(`${sentence(error)} Waiting for the first bar…`);
      return null;
    }
  }

  #change(from: number): void {
    this.#stale = Math.min(this.#stale, from);
    nextFrame(this.#draw);
  }

  readonly #draw = (): void => {
    const { bars, last } = this.#book;
    record.shown = bars.length;
    this.#chart.setDecimals(this.#decimals ?? decimalsOf(bars));
    if (this.#stale === -Infinity) this.#chart.replace(bars);
    else if (this.#stale !== Infinity) this.#chart.update(this.#book.since(this.#stale));
    this.#stale = Infinity;
    this.#showLegend();
    if (last === undefined) return;
    this.#note.say("");
    this.told(last);
  };

  #showLegend(): void {
    const hovered = this.#hovered === null ? undefined : this.#book.at(this.#hovered);
    this.#legend.show(hovered ?? this.#book.last, this.#digits);
  }
}

/** Open, high, low, close and volume of one bar, above the chart. */
class Legend {
  readonly #values = ["O", "H", "L", "C", "Vol"].map((name) => {
    const pair = make("div");
    const value = make("dd", "", "—");
    pair.append(make("dt", "", name), value);
    byId("legend", HTMLDListElement).append(pair);
    return value;
  });

  show(bar: Bar | undefined, digits: Digits): void {
    const prices = bar === undefined ? [] : [bar.open, bar.high, bar.low, bar.close];
    const texts = [...prices.map((price) => digits.price(price)), ...(bar ? [digits.size(bar.volume)] : [])];
    for (const [at, value] of this.#values.entries()) {
      setText(value, texts[at] ?? "—");
      value.dataset["direction"] = bar === undefined || at === 4 ? "flat" : directionOf(bar.close - bar.open);
    }
  }
}
