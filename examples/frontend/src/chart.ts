/** The chart: the closing prices of the last bars, of the past first, then as they come. */

import type { Bar } from "trading-client";
import { byId, framed } from "./dom.js";
import { attempt, missed } from "./notice.js";
import { clock } from "./numbers.js";
import type { Shown } from "./shown.js";

const BARS = 120;
const WIDTH = 600;
const HEIGHT = 240;
/** Left free above and below the line. */
const MARGIN = 10;

export function showChart({ client, symbol, resolution, digits, signal }: Shown): void {
  const selection = { symbol, resolution };
  /** By when they begin: a bar that is sent again replaces the one before. */
  const bars = new Map<number, Bar>();
  const draw = framed(() => {
    if (signal.aborted) return;
    const last = [...bars.values()].sort((one, other) => one.time - other.time).slice(-BARS);
    const [first, latest] = [last[0], last.at(-1)];
    if (!first || !latest) return;
    const closes = last.map(({ close }) => close);
    const [low, high] = [Math.min(...closes), Math.max(...closes)];
    const points = closes.map((close, at) => {
      const x = closes.length === 1 ? WIDTH : (at / (closes.length - 1)) * WIDTH;
      const y = high === low ? 0.5 : (close - low) / (high - low);
      return `${x.toFixed(1)} ${(HEIGHT - MARGIN - y * (HEIGHT - 2 * MARGIN)).toFixed(1)}`;
    });
    byId("line", SVGPathElement).setAttribute("d", `M${points.join("L")}`);
    byId("area", SVGPathElement).setAttribute("d", `M0 ${HEIGHT}L${points.join("L")}L${WIDTH} ${HEIGHT}Z`);
    text("price", digits.price(latest.close));
    text("low", `low ${digits.price(low)}`);
    text("high", `high ${digits.price(high)}`);
    text("span", `${clock(first.time)} – ${clock(latest.time)} UTC`);
  });
  const take = (bar: Bar): void => {
    bars.set(bar.time, bar);
    draw();
  };
  void attempt("Chart", signal, () =>
    client.bars.subscribe(selection, take, { signal, timeoutMs: Infinity, onHole: missed }),
  );
  void attempt("Chart", signal, async () => {
    const page = await client.bars.history({ ...selection, limit: BARS }, { signal });
    // What came in the meantime is newer than the past.
    for (const bar of page.bars) if (!bars.has(bar.time)) bars.set(bar.time, bar);
    draw();
  });
}

export function clearChart(): void {
  for (const id of ["line", "area"]) byId(id, SVGPathElement).setAttribute("d", "");
  for (const id of ["price", "low", "high", "span"]) text(id, "—");
}

function text(id: string, value: string): void {
  byId(id, HTMLElement).textContent = value;
}
