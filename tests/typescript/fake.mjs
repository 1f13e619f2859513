// A WebSocket that does what a program says, and a client on it.

import assert from "node:assert/strict";
import * as api from "package";

export { api, assert };

export class Socket extends EventTarget {
  /** All that were made, the newest last. */
  static all = [];
  static get last() {
    return Socket.all.at(-1);
  }

  sent = [];
  closed;

  constructor(url, protocols) {
    super();
    this.url = url;
    this.protocols = protocols;
    Socket.all.push(this);
  }

  send(text) {
    this.sent.push(JSON.parse(text));
  }

  close(...how) {
    this.closed = how;
  }

  /** Opens; resolves when the client has noticed. */
  async open() {
    this.dispatchEvent(new Event("open"));
    await soon();
  }

  /** Frames, all of them before anything else runs. */
  frames(...frames) {
    for (const frame of frames) {
      this.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(frame) }));
    }
  }

  async lose(code = 1006, reason = "") {
    this.dispatchEvent(Object.assign(new Event("close"), { code, reason }));
    await soon();
  }

  /** The next request that was not taken yet; its type has to be this. */
  async take(type) {
    await until(() => this.sent.length > 0);
    const frame = this.sent.shift();
    assert.equal(frame.type, type, JSON.stringify(frame));
    return frame;
  }

  /** Takes a subscribe request and says yes. */
  async grant(type = "bars.subscribe", extra = {}) {
    const request = await this.take(type);
    this.frames({ ...yes(request), ...extra });
    await soon();
    return request.recover;
  }

  async refuse(type, problem) {
    const { id } = await this.take(type);
    const payload = { status: "error", code: "no", message: "No", retryable: true, ...problem };
    this.frames({ type: `${type}.response`, id, payload });
    await soon();
  }
}

/** What says yes to a request. */
export function yes({ type, id, payload }, topic = address(type, payload)) {
  return { type: `${type}.response`, id, payload: { status: "ok", message: "", topic } };
}

function address(type, { symbol, resolution = "1", depth = 25 }) {
  const channel = type.split(".")[0];
  return { bars: `bars:${symbol}:${resolution}`, orderbook: `orderbook:${symbol}:${depth}` }[channel] ?? `${channel}:${symbol}`;
}

export const soon = (ms = 0) => new Promise((resolve) => setTimeout(resolve, ms));

export async function until(condition) {
  while (!condition()) {
    await soon(1);
  }
}

export const caught = (promise) => promise.then(() => assert.fail("nothing was thrown"), (error) => error);

export const complaints = [];
console.error = (...said) => complaints.push(said);
console.warn = console.error;

export function create(options = {}) {
  return new api.TradingClient("ws://fake/", { WebSocket: Socket, reconnect: { minMs: 1, maxMs: 4 }, ...options });
}

/** A client that is connected. */
export async function connected(options) {
  const client = create(options);
  client.connect();
  await Socket.last.open();
  return client;
}

export const AAPL = { symbol: "AAPL" };
export const trade = (seq, extra) => ({ type: "trades.update", topic: "trades:AAPL", seq, payload: { id: seq }, ...extra });
export const bar = (seq, extra) => ({ type: "bars.update", topic: "bars:AAPL:1", seq, payload: { time: seq }, ...extra });
export const book = (seq, bids, asks, extra) => ({
  type: "orderbook.update",
  topic: "orderbook:AAPL:25",
  seq,
  payload: { bids: bids.map(level), asks: asks.map(level) },
  ...extra,
});
const level = ([price, size]) => ({ price, size });
