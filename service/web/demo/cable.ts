/**
 * The way to the service, which this page can cut to show what the client does about it. The client does not know:
 * it is given another WebSocket class, and sees a connection that is lost and attempts that fail. No other page needs this.
 */

import type { SocketLike } from "../../../generated/typescript/src/index.js";

export class Cable {
  /** Give this to the client as its option `WebSocket`. */
  readonly WebSocket: new (url: string, protocols?: string[]) => SocketLike;
  /** Attempts to connect since there was a connection. */
  attempts = 0;
  /** Until when another attempt will have been made, as `performance.now()` counts; null where none is due. */
  next: number | null = null;
  /** Until when the cable is cut, as `performance.now()` counts; null where it is not. */
  cutUntil: number | null = null;
  readonly #backoff: { readonly minMs: number; readonly maxMs: number };
  #window: number | null = null;
  #socket: WebSocket | null = null;
  #mend: ReturnType<typeof setTimeout> | undefined;

  /** `backoff` is what the client is given too: what it may wait for at most. */
  constructor(backoff: { readonly minMs: number; readonly maxMs: number }) {
    this.#backoff = backoff;
    const dial = (url: string, protocols?: string[]): EventTarget => this.#dial(url, protocols);
    // What a constructor returns stands for what it would have made.
    this.WebSocket = function (url: string, protocols?: string[]) {
      return dial(url, protocols);
    } as unknown as Cable["WebSocket"];
  }

  /** Cuts the connection, and lets none be made for so many milliseconds. */
  cut(ms: number): void {
    clearTimeout(this.#mend);
    this.cutUntil = performance.now() + ms;
    this.#mend = setTimeout(() => this.mend(), ms);
    const socket = this.#socket;
    socket?.close();
    // Who holds one end of a cut cable is not told by the other; a browser calls that 1006.
    socket?.dispatchEvent(new CloseEvent("close", { code: 1006 }));
  }

  mend(): void {
    clearTimeout(this.#mend);
    this.cutUntil = null;
  }

  /** The server leaves, and has said within how many milliseconds one should be back. */
  expect(ms: number): void {
    this.#window = ms;
  }

  #dial(url: string, protocols?: string[]): EventTarget {
    this.attempts += 1;
    this.next = null;
    if (this.cutUntil !== null) {
      const nowhere = Object.assign(new EventTarget(), { send() {}, close() {} });
      setTimeout(() => {
        this.#lost();
        nowhere.dispatchEvent(new CloseEvent("close", { code: 1006 }));
      }, 30);
      return nowhere;
    }
    const socket = (this.#socket = new WebSocket(url, protocols));
    // As for the client: a connection was of use once something has come over it.
    socket.addEventListener("message", () => (this.attempts = 0), { once: true });
    socket.addEventListener("close", () => {
      if (socket !== this.#socket) return;
      this.#socket = null;
      this.#lost();
    });
    return socket;
  }

  /** The client draws its wait at random; what it may be at most grows with each attempt in vain. */
  #lost(): void {
    const { minMs, maxMs } = this.#backoff;
    this.next = performance.now() + (this.#window ?? Math.min(maxMs, minMs * 2 ** this.attempts));
    this.#window = null;
  }
}
