import { ClientError, ConnectionClosedError, ProtocolError } from "./errors.js";

/** `closed` is what a connection becomes when it ends, for whatever reason; it may be opened again. */
export type State = "idle" | "connecting" | "open" | "closed";

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

export interface TransportEvents {
  /** A text frame arrived and is JSON. */
  frame(frame: unknown): void;
  /** The state changed; with the reason, where the connection is gone. */
  state(state: State, reason: ConnectionClosedError | undefined): void;
  /** Something arrived that is no JSON text. */
  error(error: ProtocolError): void;
}

export const DEFAULT_TIMEOUT_MS = 10_000;

/** One socket at a time: opened, written to as JSON, closed, and opened again when asked. */
export class Transport {
  readonly url: string;
  state: State = "idle";
  readonly #options: TransportOptions;
  readonly #events: TransportEvents;
  readonly #advice: CloseAdvice;
  #socket: SocketLike | undefined;
  #opened: Promise<void> | undefined;
  #settle: ((error?: Error) => void) | undefined;
  #shut = false;

  constructor(url: string | URL, options: TransportOptions, events: TransportEvents, advice: CloseAdvice) {
    this.url = webSocketUrl(url);
    this.#options = options;
    this.#events = events;
    this.#advice = advice;
  }

  /** Resolves when the socket is open; at once where it is. What was shut opens again only if `anew`. */
  open(anew = false): Promise<void> {
    if (anew) {
      this.#shut = false;
    }
    if (this.#shut) {
      return Promise.reject(new ConnectionClosedError(1000, "closed by this client", false));
    }
    if (!this.#opened) {
      const opened = new Promise<void>((resolve, reject) => {
        this.#settle = (error) => (error ? reject(error) : resolve());
      });
      this.#opened = opened;
      this.#connect();
      return opened;
    }
    return this.#opened;
  }

  /** Writes a frame; the state must be `open`. */
  send(frame: unknown): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** Closes for good: nothing but `open(true)` opens it again. */
  shut(code: number, reason: string): void {
    this.#shut = true;
    this.close(code, reason);
  }

  /** Closes the socket, whatever it is doing, and says so at once; `retryable` as in the error that callers get. */
  close(code: number, reason: string, retryable = false): void {
    const socket = this.#socket;
    this.#gone(new ConnectionClosedError(code, reason, retryable));
    // A socket may be closed with 1000 and 3000 to 4999 only; others are for our own callers.
    socket?.close(code === 1000 || code >= 3000 ? code : 1000, reason);
  }

  #connect(): void {
    const Socket = this.#options.WebSocket ?? globalThis.WebSocket;
    if (!Socket) {
      this.#refuse(
        new ClientError(
          "No WebSocket here: use Node 22 or newer, or pass a class (that of the package ws, say) as the option WebSocket",
        ),
      );
      return;
    }
    let socket: SocketLike;
    try {
      socket = new Socket(this.url, this.#options.protocols ?? []);
    } catch (error) {
      this.#refuse(error as Error);
      return;
    }
    this.#socket = socket;
    this.#enter("connecting");
    const timeoutMs = this.#options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const timer = setTimeout(() => {
      if (this.#socket === socket) {
        this.close(1006, `not open after ${timeoutMs} ms`, true);
      }
    }, timeoutMs);
    socket.addEventListener("open", () => {
      clearTimeout(timer);
      if (this.#socket === socket) {
        this.#settle?.();
        this.#enter("open");
      }
    });
    socket.addEventListener("message", ({ data }) => {
      if (this.#socket === socket) {
        this.#receive(data);
      }
    });
    // A close event follows every error event, and says more.
    socket.addEventListener("error", () => {});
    socket.addEventListener("close", ({ code, reason }) => {
      clearTimeout(timer);
      if (this.#socket === socket) {
        const { stopCodes, retryCodes } = this.#advice;
        const stop = code >= 4500 && code < 5000 ? !retryCodes?.includes(code) : stopCodes.includes(code);
        this.#gone(new ConnectionClosedError(code, reason, !stop));
      }
    });
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
    if (this.state !== "closed") {
      this.#socket = undefined;
      this.#refuse(reason);
      this.#enter("closed", reason);
    }
  }

  #refuse(error: Error): void {
    this.#opened = undefined;
    this.#settle?.(error);
  }

  #enter(state: State, reason?: ConnectionClosedError): void {
    this.state = state;
    this.#events.state(state, reason);
  }
}

/** The URL made absolute where there is a page to take the rest from; http(s) means ws(s). */
export function webSocketUrl(url: string | URL): string {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  return new URL(url, page).href.replace(/^http/, "ws");
}
