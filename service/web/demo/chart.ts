/** Candles and volume on a canvas; lightweight-charts behind a small door. */

import {
  CandlestickSeries,
  ColorType,
  createChart,
  CrosshairMode,
  HistogramSeries,
  type CandlestickData,
  type HistogramData,
  type IChartApi,
  type ISeriesApi,
  type MouseEventParams,
  type Time,
  type UTCTimestamp,
} from "lightweight-charts";

import type { Bar } from "../../../generated/typescript/src/index.js";

/** Room for the legend above the candles, as a part of the chart's height. */
const TOP = 0.14;
const VOLUME = 0.16;
/** Width of a bar with its gap, in pixels: wide while there are few, never narrower than the least of its own accord. */
const SPACING = { least: 8, most: 30 };
/** Bars that the newest one stays away from the price axis. */
const EDGE = 3;
/** When fewer bars than that are left of the first that is seen, it is time for older ones. */
const NEAR = 60;

export class CandleChart {
  readonly #chart: IChartApi;
  readonly #candles: ISeriesApi<"Candlestick">;
  readonly #volume: ISeriesApi<"Histogram">;
  #up = "";
  #down = "";
  #decimals = 0;
  #spacing: number = SPACING.most;
  /** Whether the reader has moved or zoomed the chart, which is then theirs. */
  #touched = false;

  constructor(readonly container: HTMLElement) {
    this.#chart = createChart(container, {
      autoSize: true,
      // The logo brings a <style> element with it, which the page's policy refuses; the notice and the link that the
      // licence asks for stand in the page's footer instead.
      layout: { attributionLogo: false },
      crosshair: { mode: CrosshairMode.Normal },
      rightPriceScale: { scaleMargins: { top: TOP, bottom: VOLUME + 0.05 } },
      timeScale: { rightOffset: EDGE, barSpacing: SPACING.most, timeVisible: true },
    });
    this.#candles = this.#chart.addSeries(CandlestickSeries, { borderVisible: false, priceLineWidth: 1 });
    this.#volume = this.#chart.addSeries(HistogramSeries, {
      priceScaleId: "volume",
      priceFormat: { type: "volume" },
      lastValueVisible: false,
      priceLineVisible: false,
    });
    this.#volume.priceScale().applyOptions({ scaleMargins: { top: 1 - VOLUME, bottom: 0 } });
    for (const gesture of ["wheel", "pointerdown"]) {
      container.addEventListener(gesture, () => (this.#touched = true), { passive: true });
    }
    this.paint();
  }

  /** Takes the colours from the page's style sheet, after the theme has changed. */
  paint(): void {
    // A property's own value may be a function of the theme; a colour that it is used for is one.
    const probe = this.container.appendChild(document.createElement("i"));
    const colour = (name: string): string => {
      probe.style.color = `var(${name})`;
      return getComputedStyle(probe).color;
    };
    this.#up = colour("--up-soft");
    this.#down = colour("--down-soft");
    const label = { labelBackgroundColor: colour("--line-strong"), color: colour("--faint") };
    this.#chart.applyOptions({
      layout: {
        background: { type: ColorType.Solid, color: colour("--panel") },
        textColor: colour("--muted"),
        fontFamily: getComputedStyle(this.container).fontFamily,
        fontSize: 11,
      },
      grid: { vertLines: { color: colour("--grid") }, horzLines: { color: colour("--grid") } },
      crosshair: { vertLine: label, horzLine: label },
      rightPriceScale: { borderColor: colour("--line") },
      timeScale: { borderColor: colour("--line") },
    });
    const [up, down] = [colour("--up"), colour("--down")];
    this.#candles.applyOptions({ upColor: up, downColor: down, wickUpColor: up, wickDownColor: down });
    probe.remove();
  }

  /** Says whether bars are seconds long, so that the axis tells seconds, or days and longer, so that it need not. */
  setResolution(resolution: string): void {
    const letter = resolution.at(-1) ?? "";
    this.#chart.timeScale().applyOptions({
      secondsVisible: letter === "S",
      timeVisible: !"DWM".includes(letter),
      barSpacing: SPACING.most,
    });
    this.#chart.timeScale().scrollToPosition(EDGE, false);
    this.#spacing = SPACING.most;
    this.#touched = false;
  }

  setDecimals(decimals: number): void {
    if (decimals === this.#decimals) return;
    this.#decimals = decimals;
    this.#candles.applyOptions({
      priceFormat: { type: "price", precision: decimals, minMove: 10 ** -decimals },
    });
  }

  /** Draws these bars, in order of time, and none else. */
  replace(bars: readonly Bar[]): void {
    this.#candles.setData(bars.map(candle));
    this.#volume.setData(bars.map((bar) => this.#column(bar)));
    this.#space(bars.length);
  }

  /** Draws the newest bars; the first of them may be another state of the one drawn last. */
  update(bars: readonly Bar[]): void {
    for (const bar of bars) {
      this.#candles.update(candle(bar));
      this.#volume.update(this.#column(bar));
    }
    this.#space(this.#candles.data().length);
  }

  /** Calls `listener` when the reader comes near the first bar. */
  onEdge(listener: () => void): void {
    this.#chart.timeScale().subscribeVisibleLogicalRangeChange((range) => {
      if (range !== null && range.from < NEAR) listener();
    });
  }

  /** Calls `listener` with the time under the pointer, in Unix milliseconds; with null when it is over no bar. */
  onHover(listener: (time: number | null) => void): void {
    this.#chart.subscribeCrosshairMove((event: MouseEventParams<Time>) => {
      listener(typeof event.time === "number" ? event.time * 1_000 : null);
    });
  }

  /** Narrows the bars as they become more, until the reader touches the chart. */
  #space(count: number): void {
    const scale = this.#chart.timeScale();
    if (this.#touched) return;
    const fitting = scale.width() / (count + EDGE + 1);
    const spacing = Math.max(SPACING.least, Math.min(SPACING.most, fitting));
    if (spacing === this.#spacing) return;
    scale.applyOptions({ barSpacing: spacing });
    this.#spacing = spacing;
  }

  #column(bar: Bar): HistogramData<UTCTimestamp> {
    return { time: seconds(bar), value: bar.volume, color: bar.close >= bar.open ? this.#up : this.#down };
  }
}

function candle(bar: Bar): CandlestickData<UTCTimestamp> {
  return { time: seconds(bar), open: bar.open, high: bar.high, low: bar.low, close: bar.close };
}

// The chart counts in whole seconds, the contract in milliseconds.
function seconds(bar: Bar): UTCTimestamp {
  return Math.floor(bar.time / 1_000) as UTCTimestamp;
}
