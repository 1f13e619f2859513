/** The demo: a trading screen over one connection. Here is what it is put together from. */

import { RequestError, TradingClient, type SymbolInfo } from "../../../generated/typescript/src/index.js";
import { byId, make, setText } from "../shared/dom.js";
import { installTheme } from "../shared/theme.js";
import { AccountPanel } from "./account.js";
import { Cable } from "./cable.js";
import { CandlePanel } from "./candles.js";
import { ConnectionPanel } from "./connection.js";
import { DepthPanel } from "./depth.js";
import { Gauges } from "./gauges.js";
import { answered, PATIENT } from "./panel.js";
import { QuotePanel } from "./quote.js";
import { complete, nameOf, readHash, resolutionsOf, writeHash, type Selection } from "./selection.js";
import { sentence } from "./sentence.js";
import { Tabs } from "./tabs.js";
import { TapePanel } from "./tape.js";
import { Traffic } from "./traffic.js";
import { WatchPanel } from "./watch.js";

/** Sooner back than the client would be by itself: somebody is watching. */
const backoff = { minMs: 500, maxMs: 4_000 };
/** How long the two buttons cut the connection: for less than the server remembers, and for more. */
const CUT_MS = 3_000;
const LONG_CUT_MS = 40_000;


const cable = new Cable(backoff);
/** The token of who is logged in; kept nowhere else. */
let token: string | null = null;
/** Whether the service tells nothing without one. Where it does, market data do not hang on who is logged in. */
let locked = false;
const asked = (): string => token ?? "";
// One client for the page; its panels share the connection, and each other's subscriptions.
const client = new TradingClient("/api/v1/ws", {
  WebSocket: cable.WebSocket,
  reconnect: backoff,
  get token() {
    return locked && token !== null ? asked : undefined;
  },
});
const traffic = new Traffic();
const connection = new ConnectionPanel(client, cable, traffic);
const quote = new QuotePanel(client, traffic);
const candles = new CandlePanel(client, traffic, (last) => quote.bar(last));
const depth = new DepthPanel(client, traffic);
const tape = new TapePanel(client, traffic);
const watch = new WatchPanel(client, traffic, (symbol) => choose({ symbol }));
new Gauges(traffic);
const account = new AccountPanel({ reconnect: backoff }, admit);
new Tabs("tabs");

let symbols: readonly SymbolInfo[] = [];
let selection: Selection = complete(readHash(location.hash), symbols);
/** Ends what is subscribed to for the selection. */
let selected = new AbortController();

/** Asks what there is, and shows it. */
async function start(): Promise<void> {
  problem("");
  try {
    ({ symbols } = await answered(() => client.symbols.list({}, PATIENT)));
  } catch (error) {
    const refused = error instanceof RequestError && error.code === "unauthenticated";
    if (!refused) {
      // Who locks the page says why, if that is what has ended this.
      if (!locked || token !== null) problem(sentence(error));
    } else if (!locked && token !== null) {
      locked = true;
      client.close();
      admit(token);
    } else {
      lock();
    }
    return;
  }
  byId("main", HTMLElement).removeAttribute("data-locked");
  watch.show(symbols);
  show(complete(readHash(location.hash), symbols));
}

/** Nobody is logged in, and the service wants that: there is nothing to show, nor a connection to be closed for it. */
function lock(): void {
  locked = true;
  selected.abort();
  client.close();
  byId("main", HTMLElement).dataset["locked"] = "true";
  const door = make("button", "inline", "Account");
  door.type = "button";
  door.addEventListener("click", () => account.demand());
  problem("This service asks for a token: log in under ", door, ".");
  account.demand();
}

/** Somebody has logged in, has another token, or has logged out. */
function admit(given: string | null): void {
  token = given;
  if (!locked) return;
  if (token === null) {
    lock();
  } else if (client.state === "open") {
    // One that is refused here is asked for again when the connection ends; the account's own says more.
    client.session.authenticate({ token }).catch(() => undefined);
  } else if (client.state === "closed") {
    client.connect().catch(() => undefined);
    void start();
  }
}

function show(next: Selection): void {
  selection = next;
  selected.abort();
  selected = new AbortController();
  const info = symbols.find(({ symbol }) => symbol === next.symbol);
  document.title = `${next.symbol} — Tapewire`;
  watch.mark(next.symbol);
  offer(next);
  quote.show(next, selected.signal, info);
  candles.show(next, selected.signal, info);
  depth.show(next, selected.signal, info);
  tape.show(next, selected.signal, info);
}

/** The address says what is shown, so that it can be kept, sent, and gone back to. */
function choose(change: Partial<Selection>): void {
  const wanted = { ...selection, ...change };
  const offered = resolutionsOf(wanted.symbol, symbols);
  const resolution = offered.includes(wanted.resolution) ? wanted.resolution : (offered[0] ?? wanted.resolution);
  location.hash = writeHash({ symbol: wanted.symbol, resolution });
}

/** Offers the resolutions that the symbol's bars come in. */
function offer({ symbol, resolution }: Selection): void {
  const offered = resolutionsOf(symbol, symbols);
  const all = offered.includes(resolution) ? offered : [resolution, ...offered];
  const list = byId("resolutions", HTMLDivElement);
  if ([...list.querySelectorAll("input")].map(({ value }) => value).join() !== all.join()) {
    list.replaceChildren(...all.map(choice));
  }
  for (const radio of list.querySelectorAll("input")) radio.checked = radio.value === resolution;
}

function choice(resolution: string): HTMLLabelElement {
  const label = make("label");
  const radio = make("input");
  Object.assign(radio, { type: "radio", name: "resolution", value: resolution });
  radio.addEventListener("change", () => choose({ resolution }));
  label.append(radio, make("span", "", nameOf(resolution)));
  return label;
}

function problem(...text: readonly (string | Node)[]): void {
  const line = byId("problem", HTMLParagraphElement);
  line.replaceChildren(...text);
  line.hidden = line.textContent === "";
}

const cut = byId("cut", HTMLButtonElement);
const cutLong = byId("cut-long", HTMLButtonElement);
const reconnect = byId("reconnect", HTMLButtonElement);

cut.addEventListener("click", () => (cable.cutUntil === null ? sever(CUT_MS) : cable.mend()));
cutLong.addEventListener("click", () => sever(LONG_CUT_MS));
// A client that is closed for good has forgotten its subscriptions: all begins anew.
reconnect.addEventListener("click", () => {
  // Nobody waits for this: its state is told as it changes.
  client.connect().catch(() => undefined);
  void start();
});

function sever(ms: number): void {
  connection.log("cut", `Cut by you, for ${ms / 1_000} s. The client is not told.`);
  cable.cut(ms);
}

setInterval(() => {
  const left = cable.cutUntil === null ? null : Math.max(0, cable.cutUntil - performance.now());
  setText(cut, left === null ? "Cut the connection" : `Mend it (${Math.ceil(left / 1_000)} s)`);
  // Without a token there is nothing to cut, and nothing to come back to.
  const out = locked && token === null;
  cut.disabled = cutLong.disabled = out;
  reconnect.hidden = out || client.state !== "closed";
}, 100);

window.addEventListener("hashchange", () => show(complete(readHash(location.hash), symbols)));
installTheme(byId("theme", HTMLButtonElement), () => candles.paint());
void start();
