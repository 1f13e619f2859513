import { ConnectionClosedError, ProtocolError } from "./errors.js";
import type { RequestError } from "./errors.js";
import { PendingRequests } from "./pending.js";
import type { PendingOptions } from "./pending.js";
import { DEFAULT_TIMEOUT_MS, draw, later } from "./timing.js";
import type { Backoff } from "./timing.js";
import { webSocketUrl } from "./transport.js";
import type { CloseAdvice, SocketLike, TransportOptions } from "./transport.js";

/**
 * How it stands with a connection: not wanted yet, on its way for the first time, there, lost and on its way back, or
 * ended: by its user, or for a reason that no other attempt would mend.
 */
export type State = "idle" | "connecting" | "open" | "reconnecting" | "closed";

export interface LinkOptions extends TransportOptions, PendingOptions {
  /** How long to wait before reconnecting; `false` ends the connection when it is lost. */
  reconnect?: Backoff | false | undefined;
}

/** The close code after which the server's advice how long to wait counts. */
const RATE_LIMITED = 4006;

/** Any of a socket's events. */
interface Happening {
  readonly data: unknown;
  readonly code: number;
  readonly reason: string;
}

/** A connection that comes back when it is lost: one socket after another, JSON in and out. */
export abstract class Link extends PendingRequests {
  declare readonly url: string;
  declare readonly options: LinkOptions;
  declare readonly protocol: CloseAdvice;
  state: State = "idle";
  /** The one in use, from the attempt to open it until it is closed. */
  declare socket: SocketLike | undefined;
  /** How long the server wanted to be left alone when it last refused something. */
  retryAfterMs = 0;
  /** What to do the next time instead of the usual, where the server has said that it leaves. */
  declare window: Backoff | undefined;
  /** Attempts in vain, since a connection was of use. */
  attempts = 0;
  /** Why the last connection was lost. */
  declare reason: ConnectionClosedError | undefined;
  /** Runs until the next attempt, or until the one being made has taken too long. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(protocol: CloseAdvice, url: string | URL, options: LinkOptions) {
    super();
    this.protocol = protocol;
    this.url = webSocketUrl(url);
    this.options = options;
  }

  /** The socket is open, but not the link until this is done; what it throws closes the socket. */
  protected greet?(): Promise<void>;
  /** A text frame arrived and is JSON. What this throws is reported. */
  protected abstract receive(frame: unknown): void;
  /** Hears of what cannot be read, and of what goes wrong otherwise. */
  abstract report(error: unknown): void;
  /** A connection is lost, or was not to be had; `forGood`, if no other will follow. */
  protected abstract lost(reason: ConnectionClosedError, forGood: boolean): void;
  /** There is another state; with the reason, where a connection is lost. */
  protected abstract changed(state: State, reason: ConnectionClosedError | undefined): void;
  /** The network is back, and the socket may not know yet that it is dead. */
  protected probe?(): void;

  get ready(): boolean {
    return this.state === "open";
  }

  /** Connects for the first time; throws where the end was reached. */
  start(): void {
    if (this.state === "idle") {
      this.begin();
    }
    if (this.state === "closed") {
      throw this.reason;
    }
  }

  /** Connects, also after the end. */
  begin(): void {
    if (this.state === "idle" || this.state === "closed") {
      this.#listen("addEventListener");
      this.attempts = 0;
      this.reason = undefined;
      this.#enter("connecting");
      this.#dial();
    }
  }

  /** Writes a frame; there must be an open socket. */
  send(frame: unknown): void {
    this.socket?.send(JSON.stringify(frame));
  }

  /** Closes the socket, whatever it is doing, and says so at once; only if `retryable` another will follow. */
  end(code = 1000, reason = "closed by this client", retryable = false): void {
    const { socket } = this;
    if (this.state !== "closed") {
      this.#gone(new ConnectionClosedError(code, reason, retryable));
      // A socket may be closed with 1000 and 3000 to 4999 only; others are for our own callers.
      if (code === 1000 || code >= 3000) {
        socket?.close(code, reason);
      } else {
        socket?.close();
      }
    }
  }

  #dial(): void {
    if (this.socket) {
      return;
    }
    const { WebSocket = globalThis.WebSocket, protocols = [], timeoutMs = DEFAULT_TIMEOUT_MS } = this.options;
    clearTimeout(this.#timer);
    let socket: SocketLike;
    try {
      if (!WebSocket) {
        throw new Error("give the option WebSocket");
      }
      this.socket = socket = new WebSocket(this.url, protocols);
    } catch (error) {
      return this.#gone(new ConnectionClosedError(1006, (error as Error).message, false));
    }
    this.#timer = later(() => this.end(1006, `not open after ${timeoutMs} ms`, true), timeoutMs);
    const on = (type: string, hear: (event: Happening) => unknown): void =>
      socket.addEventListener(type as "message", (event) => {
        if (socket === this.socket) {
          hear(event as Happening);
        }
      });
    on("open", async () => {
      try {
        await this.greet?.();
        if (socket === this.socket) {
          clearTimeout(this.#timer);
          this.#enter("open");
        }
      } catch (error) {
        if (socket === this.socket) {
          const { message = String(error), retryable = true } = Object(error) as Partial<RequestError>;
          this.report(error);
          this.end(retryable ? 1006 : 1008, message, retryable);
        }
      }
    });
    on("message", ({ data }) => {
      try {
        this.receive(parsed(data));
      } catch (error) {
        this.report(error);
      }
    });
    // A close event follows every error event, and says more.
    on("error", () => {});
    on("close", ({ code, reason }) =>
      this.#gone(new ConnectionClosedError(code, reason, !this.protocol.stops(code))),
    );
  }

  #gone(reason: ConnectionClosedError): void {
    const { reconnect = {} } = this.options;
    clearTimeout(this.#timer);
    this.socket = undefined;
    this.reason = reason;
    if (reason.retryable && reconnect) {
      const ms = draw(this.window ?? reconnect, this.attempts++);
      const leastMs = reason.code === RATE_LIMITED ? this.retryAfterMs : 0;
      this.window = undefined;
      // Without a network, only its coming back makes another attempt worth it.
      if (globalThis.navigator?.onLine !== false) {
        this.#timer = later(() => this.#dial(), Math.max(ms, leastMs));
      }
      this.#enter("reconnecting", reason);
    } else {
      this.#listen("removeEventListener");
      this.#enter("closed", reason);
    }
  }

  /** Hears of the network, or no longer, where the platform tells. */
  #listen(method: "addEventListener" | "removeEventListener"): void {
    for (const type of ["online", "offline"]) {
      (globalThis as Partial<Pick<EventTarget, typeof method>>)[method]?.(type, this.#network);
    }
  }

  readonly #network = ({ type }: Event): void => {
    if (type === "online") {
      if (this.ready) {
        this.probe?.();
      } else {
        this.#dial();
      }
    } else if (!this.socket) {
      clearTimeout(this.#timer);
    }
  };

  #enter(state: State, reason?: ConnectionClosedError): void {
    const before = this.state;
    const forGood = state === "closed";
    this.state = state;
    if (reason) {
      this.lost(reason, forGood);
      this.fail(reason, forGood);
    }
    // Attempts in vain are no news.
    if (state !== before) {
      this.changed(state, reason);
    }
    if (this.ready) {
      this.flush();
    }
  }
}

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(data as string);
  } catch {
    throw new ProtocolError("what is no JSON text", data);
  }
}
