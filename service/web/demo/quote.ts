/** The last quote: what it was traded for, and what it can be had and sold for now. */

import type { Bar, Quote, SymbolInfo, TradingClient } from "../../../generated/typescript/src/index.js";
import { byId, setText } from "../shared/dom.js";
import { Digits, directionOf, percent } from "./format.js";
import { nextFrame } from "./frame.js";
import { begin, Note, PATIENT } from "./panel.js";
import type { Selection } from "./selection.js";
import type { Traffic } from "./traffic.js";

/** How long the colour of a change stays, in milliseconds. */
const FLASH_MS = 700;

export class QuotePanel {
  readonly #name = byId("name", HTMLHeadingElement);
  readonly #description = byId("description", HTMLParagraphElement);
  readonly #price = byId("price", HTMLOutputElement);
  readonly #change = byId("change", HTMLParagraphElement);
  readonly #note = new Note("quote-note", byId("touch", HTMLElement));
  readonly #fields = {
    bid: byId("bid", HTMLElement),
    bidSize: byId("bid-size", HTMLElement),
    ask: byId("ask", HTMLElement),
    askSize: byId("ask-size", HTMLElement),
  };
  #digits = new Digits(undefined);
  #quote: Quote | undefined;
  #last: number | undefined;
  #calm: ReturnType<typeof setTimeout> | undefined;

  constructor(
    readonly client: TradingClient,
    readonly traffic: Traffic,
  ) {}

  show({ symbol }: Selection, signal: AbortSignal, info: SymbolInfo | undefined): void {
    this.#digits = new Digits(info);
    this.#quote = this.#last = undefined;
    setText(this.#name, symbol);
    setText(this.#description, info?.description ?? "");
    for (const field of [this.#price, ...Object.values(this.#fields)]) setText(field, "—");
    this.#showChange("", "");
    this.#price.dataset["direction"] = "flat";
    this.#note.say("");
    void begin("quotes", this.#note, signal, () =>
      this.client.quotes.subscribe(
        { symbol },
        (quote, update) => {
          this.traffic.add(update);
          this.#quote = quote;
          nextFrame(this.#draw);
        },
        { ...PATIENT, signal },
      ),
    );
  }

  /** A bar has closed so far at this price: the last one that is known, where there are no quotes. */
  bar(last: Bar): void {
    if (this.#quote === undefined) this.#showLast(last.close, this.#digits.price(last.close));
  }

  readonly #draw = (): void => {
    const quote = this.#quote;
    if (quote === undefined) return;
    const digits = this.#digits;
    this.#showLast(quote.last, digits.price(quote.last));
    this.#showChange(digits.change(quote.change), percent(quote.change, quote.last));
    this.#change.dataset["direction"] = directionOf(quote.change);
    setText(this.#fields.bid, digits.price(quote.bid));
    setText(this.#fields.bidSize, digits.size(quote.bid_size));
    setText(this.#fields.ask, digits.price(quote.ask));
    setText(this.#fields.askSize, digits.size(quote.ask_size));
  };

  #showChange(...texts: readonly [change: string, percent: string]): void {
    for (const [at, text] of texts.entries()) {
      const part = this.#change.children[at];
      if (part) setText(part, text);
    }
  }

  #showLast(last: number, text: string): void {
    setText(this.#price, text);
    const before = this.#last;
    this.#last = last;
    if (before === undefined || before === last) return;
    this.#price.dataset["direction"] = directionOf(last - before);
    clearTimeout(this.#calm);
    this.#calm = setTimeout(() => (this.#price.dataset["direction"] = "flat"), FLASH_MS);
  }
}
