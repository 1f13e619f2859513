import { ConnectionClosedError, ProtocolError } from "./errors.js";

/** What is used of a WebSocket, so that the one of a browser, of Node or of a package serves alike. */
export interface SocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export interface TransportOptions {
  /** The WebSocket class to use; the global one if not given. Node has it from version 22. */
  WebSocket?: (new (url: string, protocols?: string[]) => SocketLike) | undefined;
  /** Subprotocols to offer to the server. */
  protocols?: string[] | undefined;
  /** How long connecting, and each request, may take, in milliseconds; 10000 if not given. */
  timeoutMs?: number | undefined;
}

/** What the contract says of close codes. */
export interface CloseAdvice {
  /** The codes outside of 4500 to 4999 after which reconnecting is of no use. */
  readonly stopCodes: readonly number[];
  /** The codes of 4500 to 4999 after which it may be. */
  readonly retryCodes?: readonly number[];
}

/** What becomes of sockets; each opens at most once, and is gone once. */
export interface TransportEvents {
  /** The socket is open. What this returns has to succeed before `opened`; what it throws closes the socket. */
  greet?(): Promise<void> | undefined;
  opened(): void;
  /** The socket is closed, or never opened. */
  gone(reason: ConnectionClosedError): void;
  /** A text frame arrived and is JSON. */
  frame(frame: unknown): void;
  /** Something arrived that is no JSON text. */
  error(error: ProtocolError): void;
}

export const DEFAULT_TIMEOUT_MS = 10_000;

/** One socket at a time: opened, written to as JSON, closed, and opened again when asked. */
export class Transport {
  readonly url: string;
  /** The one in use, from the attempt to open it until it is gone. */
  socket: SocketLike | undefined;
  readonly #options: TransportOptions;
  readonly #events: TransportEvents;
  readonly #advice: CloseAdvice;
  /** Runs while a socket opens. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string | URL, options: TransportOptions, events: TransportEvents, advice: CloseAdvice) {
    this.url = webSocketUrl(url);
    this.#options = options;
    this.#events = events;
    this.#advice = advice;
  }

  /** Opens a socket, unless there is one. */
  open(): void {
    if (this.socket) {
      return;
    }
    const { WebSocket = globalThis.WebSocket, protocols = [], timeoutMs = DEFAULT_TIMEOUT_MS } = this.#options;
    let socket: SocketLike;
    try {
      if (!WebSocket) {
        throw new Error(
          "no WebSocket here: use Node 22 or newer, or pass a class (that of the package ws, say) as the option WebSocket",
        );
      }
      socket = new WebSocket(this.url, protocols);
    } catch (error) {
      this.#events.gone(new ConnectionClosedError(1006, String((error as Error).message), false));
      return;
    }
    this.socket = socket;
    const current = (): boolean => this.socket === socket;
    this.#timer = later(() => this.close(1006, `not open after ${timeoutMs} ms`, true), timeoutMs);
    socket.addEventListener("open", async () => {
      try {
        await (current() && this.#events.greet?.());
        if (current()) {
          clearTimeout(this.#timer);
          this.#events.opened();
        }
      } catch (error) {
        if (current()) {
          const { message, retryable = true } = error as { message: string; retryable?: boolean };
          this.close(1006, message, retryable);
        }
      }
    });
    socket.addEventListener("message", ({ data }) => {
      if (current()) {
        this.#receive(data);
      }
    });
    // A close event follows every error event, and says more.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code, reason }) => {
      if (current()) {
        const { stopCodes, retryCodes } = this.#advice;
        const stop = code >= 4500 && code < 5000 ? !retryCodes?.includes(code) : stopCodes.includes(code);
        this.#gone(new ConnectionClosedError(code, reason, !stop));
      }
    });
  }

  /** Writes a frame; there must be an open socket. */
  send(frame: unknown): void {
    this.socket?.send(JSON.stringify(frame));
  }

  /** Closes the socket, whatever it is doing, and says so at once; `retryable` as in the error that callers get. */
  close(code: number, reason: string, retryable = false): void {
    const { socket } = this;
    if (socket) {
      this.#gone(new ConnectionClosedError(code, reason, retryable));
      // A socket may be closed with 1000 and 3000 to 4999 only; others are for our own callers.
      if (code === 1000 || code >= 3000) {
        socket.close(code, reason);
      } else {
        socket.close(1000);
      }
    }
  }

  #receive(data: unknown): void {
    let frame: unknown;
    try {
      frame = JSON.parse(typeof data === "string" ? data : "");
    } catch {
      this.#events.error(new ProtocolError("The server sent something that is no JSON text", data));
      return;
    }
    this.#events.frame(frame);
  }

  #gone(reason: ConnectionClosedError): void {
    clearTimeout(this.#timer);
    this.socket = undefined;
    this.#events.gone(reason);
  }
}

/** A timer that takes a long time for what it is: the platform's fires at once after more than 24 days. */
export function later(run: () => void, ms: number): ReturnType<typeof setTimeout> {
  return setTimeout(run, Math.min(ms, 2 ** 31 - 1));
}

/** The URL made absolute where there is a page to take the rest from; http(s) means ws(s). */
export function webSocketUrl(url: string | URL): string {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  return new URL(url, page).href.replace(/^http/, "ws");
}
