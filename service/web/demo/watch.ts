/** The markets: every symbol that the service knows, with its last price; one of them is chosen. */

import type { Quote, QuotesUpdate, SymbolInfo, TradingClient } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { Digits, directionOf, percent } from "./format.js";
import { nextFrame } from "./frame.js";
import { PATIENT } from "./panel.js";
import type { Traffic } from "./traffic.js";

/** How many symbols are watched at once. */
const WATCHED = 60;

interface Row {
  readonly label: HTMLLabelElement;
  readonly radio: HTMLInputElement;
  readonly last: HTMLSpanElement;
  readonly move: HTMLSpanElement;
  readonly digits: Digits;
  quote?: Quote;
}

export class WatchPanel {
  readonly #list = byId("symbols", HTMLDivElement);
  readonly #input = byId("symbol", HTMLInputElement);
  readonly #rows = new Map<string, Row>();
  readonly #changed = new Set<Row>();

  constructor(
    readonly client: TradingClient,
    readonly traffic: Traffic,
    readonly choose: (symbol: string) => void,
  ) {
    byId("picker", HTMLFormElement).addEventListener("submit", (event) => {
      event.preventDefault();
      this.#enter();
    });
    this.#input.addEventListener("input", () => this.#filter());
  }

  /** Lists these symbols and follows their quotes, for as long as the client is there. */
  show(symbols: readonly SymbolInfo[]): void {
    this.#rows.clear();
    this.#list.replaceChildren();
    for (const info of symbols) this.#add(info.symbol, info);
    for (const { symbol } of symbols.slice(0, WATCHED)) void this.#follow(symbol);
  }

  async #follow(symbol: string): Promise<void> {
    const take = (quote: Quote, update: QuotesUpdate): void => {
      this.traffic.add(update);
      this.#take(symbol, quote);
    };
    try {
      // The panel of the last quote wants one of these too: the client subscribes to it once.
      await this.client.quotes.subscribe({ symbol }, take, PATIENT);
    } catch {
      // That panel says why.
      const row = this.#rows.get(symbol);
      if (row) setText(row.move, "no quotes");
    }
  }

  /** Marks the chosen one; adds it where the service has not named it. */
  mark(symbol: string): void {
    const { radio, label } = this.#rows.get(symbol) ?? this.#add(symbol, undefined);
    radio.checked = true;
    label.scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  #add(symbol: string, info: SymbolInfo | undefined): Row {
    const label = make("label", "market");
    const radio = make("input");
    Object.assign(radio, { type: "radio", name: "market", value: symbol });
    radio.addEventListener("change", () => this.choose(symbol));
    const [last, move] = [make("span", "last", "—"), make("span", "move")];
    label.append(radio, make("span", "name", symbol), last, move);
    if (info) label.title = info.description;
    this.#list.append(label);
    const row = { label, radio, last, move, digits: new Digits(info) };
    this.#rows.set(symbol, row);
    return row;
  }

  #take(symbol: string, quote: Quote): void {
    const row = this.#rows.get(symbol);
    if (row === undefined) return;
    row.quote = quote;
    this.#changed.add(row);
    nextFrame(this.#draw);
  }

  readonly #draw = (): void => {
    for (const { quote, last, move, digits } of this.#changed) {
      if (quote === undefined) continue;
      setText(last, digits.price(quote.last));
      setText(move, percent(quote.change, quote.last));
      move.dataset["direction"] = directionOf(quote.change);
    }
    this.#changed.clear();
  };

  #filter(): void {
    const wanted = this.#input.value.trim().toUpperCase();
    for (const [symbol, { label }] of this.#rows) {
      label.hidden = !`${symbol} ${label.title}`.toUpperCase().includes(wanted);
    }
  }

  /** Chooses what was typed: a symbol as it is spelt, else the first that is listed still. */
  #enter(): void {
    const typed = this.#input.value.trim();
    if (typed === "") return;
    const listed = [...this.#rows].find(([, row]) => !row.label.hidden)?.[0];
    const exact = [...this.#rows.keys()].find((symbol) => symbol.toUpperCase() === typed.toUpperCase());
    this.#input.value = "";
    this.#filter();
    this.choose(exact ?? listed ?? typed);
  }
}
