/** A small trading screen on the npm package alone. Here is what it is put together from. */

import { DEFAULT_URL, TradingClient, type SymbolInfo } from "trading-client";
import { clearBook, showBook } from "./book.js";
import { clearChart, showChart } from "./chart.js";
import { showConnection } from "./connection.js";
import { byId } from "./dom.js";
import { attempt, tell } from "./notice.js";
import { digitsOf } from "./numbers.js";
import { clearTape, showTape } from "./tape.js";
import { mark, showWatchList } from "./watch.js";

// A mock, the service on this machine, the one in production: the address decides, no line of code does.
const socket = new URLSearchParams(location.search).get("socket") ?? DEFAULT_URL;
const client = new TradingClient(socket);
const page = new AbortController();
/** Ends what is shown of the instrument. */
let shown = new AbortController();
let symbols: readonly SymbolInfo[] = [];

function show(symbol: string): void {
  shown.abort();
  shown = new AbortController();
  const info = symbols.find((one) => one.symbol === symbol);
  const resolution = info?.resolutions[0] ?? "1";
  const what = { client, symbol, resolution, digits: digitsOf(info), signal: shown.signal };
  byId("name", HTMLElement).textContent = symbol;
  byId("description", HTMLElement).textContent = info?.description ?? "";
  tell("");
  mark(symbol);
  clearChart();
  clearBook();
  clearTape();
  showChart(what);
  showBook(what);
  showTape(what);
}

byId("open", HTMLFormElement).addEventListener("submit", (event) => {
  event.preventDefault();
  const field = byId("symbol", HTMLInputElement);
  if (field.value.trim() !== "") show(field.value.trim());
  field.value = "";
});

showConnection(client);
void attempt("Watch list", page.signal, async () => {
  symbols = await showWatchList(client, page.signal, ({ symbol }) => show(symbol));
  const first = symbols[0];
  if (first) show(first.symbol);
});
