/** The demo: live bars of one symbol at one resolution. */

import { byId } from "../shared/dom.js";
import { installTheme } from "../shared/theme.js";
import { BarBook, decimalsOf } from "./bars.js";
import { CandleChart } from "./chart.js";
import { BarFeed, socketUrl, type Bar } from "./feed.js";
import { LatencyMeter, RateMeter } from "./meter.js";
import { keep, record } from "./record.js";
import { readHash, writeHash, type Selection } from "./selection.js";
import {
  directionOf,
  LegendView,
  Picker,
  PriceView,
  RailView,
  StateView,
  TAPE_ROWS,
  TapeView,
  type Tick,
} from "./view.js";

const chart = new CandleChart(byId("chart", HTMLDivElement));
const book = new BarBook();
const latency = new LatencyMeter();
const rate = new RateMeter();
const legend = new LegendView();
const price = new PriceView();
const rail = new RailView();
const tape = new TapeView();
const waiting = byId("waiting", HTMLParagraphElement);
const picker = new Picker((change) => select({ ...selection, ...change }));
const states = new StateView(() => {
  start();
  void feed.follow(selection);
});

let selection = readHash(location.hash);
let hovered: number | null = null;
let received = 0;
let seq: number | null = null;
let epoch: string | null = null;
/** From when on bars have changed since they were drawn, in Unix milliseconds; -Infinity: draw all anew. */
let stale = Infinity;
/** Updates that are not on the tape yet; more than fit on it need never get there. */
let ticks: Tick[] = [];
let lastTick = 0;
let scheduled = false;
let problem: string | null = null;

const feed = new BarFeed(socketUrl(location), {
  state(state) {
    record.state = state;
    states.show(state);
  },
  followed(topic) {
    record.topic = topic;
    problem = null;
    states.problem(null);
    showWaiting();
  },
  refused(message) {
    problem = message;
    states.problem(message);
    showWaiting();
  },
  bar(bar, update) {
    const now = Date.now();
    keep({ topic: update.topic, seq: update.seq, ts: update.ts, bar });
    if (update.ts !== undefined) latency.add(now - update.ts);
    if (update.topic !== undefined) record.topic = update.topic;
    seq = update.seq ?? seq;
    if (update.epoch !== undefined && update.epoch !== epoch) {
      // Another epoch tells another history: what was drawn belongs to the old one.
      if (epoch !== null) {
        book.clear();
        stale = -Infinity;
      }
      epoch = update.epoch;
    }
    rate.add(now);
    received += 1;
    take(bar, update.ts ?? now);
  },
});

function take(bar: Bar, at: number): void {
  const before = book.last?.close ?? bar.open;
  stale = book.put(bar) === "older" ? -Infinity : Math.min(stale, bar.time);
  ticks.push({ bar, at, direction: directionOf(bar.close - before) });
  if (ticks.length > TAPE_ROWS) ticks.shift();
  if (scheduled) return;
  scheduled = true;
  requestAnimationFrame(draw);
}

function draw(): void {
  scheduled = false;
  const { first, last } = book;
  const decimals = decimalsOf(book.bars);
  chart.setDecimals(decimals);
  if (stale === -Infinity) chart.replace(book.bars);
  else if (stale !== Infinity) chart.update(book.since(stale), book.bars.length);
  stale = Infinity;
  for (const tick of ticks) tape.add(tick, decimals);
  ticks = [];
  showWaiting();
  if (first !== undefined && last !== undefined) price.show(last, first, decimals);
  lastTick = performance.now();
  showLegend();
  showRail();
}

function showWaiting(): void {
  waiting.hidden = book.last !== undefined || problem !== null;
}

function showLegend(): void {
  legend.show((hovered === null ? undefined : book.at(hovered)) ?? book.last, decimalsOf(book.bars));
}

function showRail(): void {
  const { topic } = record;
  rail.show({
    latency: latency.median,
    delays: latency.delays,
    rate: rate.rate(Date.now()),
    received,
    bars: book.bars.length,
    topic,
    seq,
    epoch,
  });
}

/** Empties the page for the selection's bars. */
function start(): void {
  book.clear();
  latency.clear();
  rate.clear();
  tape.clear();
  received = 0;
  seq = null;
  epoch = null;
  record.topic = null;
  stale = -Infinity;
  ticks = [];
  problem = null;
  states.problem(null);
  picker.show(selection);
  price.reset(selection);
  chart.setResolution(selection.resolution);
  document.title = `${selection.symbol} — Tapewire`;
  draw();
  chart.follow();
}

function select(next: Selection): void {
  if (next.symbol === selection.symbol && next.resolution === selection.resolution) return;
  location.hash = writeHash(next);
}

window.addEventListener("hashchange", () => {
  selection = readHash(location.hash);
  start();
  void feed.follow(selection);
});

chart.onHover((time) => {
  hovered = time;
  showLegend();
});

installTheme(byId("theme", HTMLButtonElement), () => {
  chart.paint();
  chart.replace(book.bars);
});

setInterval(() => {
  showRail();
  if (performance.now() - lastTick > 700) price.calm();
}, 500);

start();
void feed.follow(selection);
