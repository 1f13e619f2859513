/** The watch list: the last price of every symbol, and what is chosen. */

import type { Quote, SymbolInfo, TradingClient } from "trading-client";
import { byId, framed } from "./dom.js";
import { attempt } from "./notice.js";
import { digitsOf, signed } from "./numbers.js";

/** Asks which symbols there are, follows the quote of each, and has `choose` told which one is pressed. */
export async function showWatchList(
  client: TradingClient,
  signal: AbortSignal,
  choose: (info: SymbolInfo) => void,
): Promise<readonly SymbolInfo[]> {
  const { symbols } = await client.symbols.list({ limit: 14 }, { signal, timeoutMs: Infinity });
  const rows = symbols.map((info) => newRow(info, choose));
  byId("rows", HTMLUListElement).replaceChildren(...rows);
  for (const [at, info] of symbols.entries()) {
    const row = rows[at];
    if (row) void attempt(info.symbol, signal, () => follow(client, signal, info, row));
  }
  return symbols;
}

/** Says in the list which symbol is shown beside it. */
export function mark(symbol: string): void {
  for (const row of byId("rows", HTMLUListElement).children) {
    row.firstElementChild?.setAttribute("aria-pressed", String((row as HTMLElement).dataset["symbol"] === symbol));
  }
}

function follow(client: TradingClient, signal: AbortSignal, info: SymbolInfo, row: HTMLLIElement): Promise<unknown> {
  const digits = digitsOf(info);
  const last = part(row, ".last");
  const change = part(row, ".change");
  let quote: Quote | undefined;
  const draw = framed(() => {
    if (quote === undefined) return;
    last.textContent = digits.price(quote.last);
    change.textContent = signed(quote.change, digits);
    row.dataset["direction"] = quote.change < 0 ? "down" : "up";
  });
  const take = (next: Quote): void => {
    quote = next;
    draw();
  };
  return client.quotes.subscribe({ symbol: info.symbol }, take, { signal, timeoutMs: Infinity });
}

function newRow(info: SymbolInfo, choose: (info: SymbolInfo) => void): HTMLLIElement {
  const row = document.createElement("li");
  row.dataset["symbol"] = info.symbol;
  row.innerHTML = `<button type="button" aria-pressed="false">
    <b></b><span class="last">—</span><small></small><span class="change"></span></button>`;
  part(row, "b").textContent = info.symbol;
  part(row, "small").textContent = info.description;
  part(row, "button").addEventListener("click", () => choose(info));
  return row;
}

function part(row: HTMLLIElement, selector: string): HTMLElement {
  const found = row.querySelector<HTMLElement>(selector);
  if (!found) throw new Error(`A row has no ${selector}.`);
  return found;
}
