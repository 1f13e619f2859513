import { draw } from "./backoff.js";
import type { Backoff } from "./backoff.js";
import { ConnectionClosedError } from "./errors.js";
import type { Line } from "./pending.js";
import { Transport, later } from "./transport.js";
import type { CloseAdvice, TransportEvents, TransportOptions } from "./transport.js";

/**
 * Where a client connects to: not yet, for the first time, is connected, is on its way back, or is through: closed by
 * its user, or for a reason that no other connection would mend. `connect()` begins anew.
 */
export type State = "idle" | "connecting" | "open" | "reconnecting" | "closed";

export interface LinkOptions extends TransportOptions {
  /** How long to wait before reconnecting; `false` closes the client when its connection is lost. */
  reconnect?: Backoff | false | undefined;
}

export interface LinkEvents extends Omit<TransportEvents, "opened" | "gone"> {
  /** There is another state; with the reason, where a connection is lost. */
  changed(state: State, reason: ConnectionClosedError | undefined): void;
  /** A connection is lost, or was not to be had. */
  lost(reason: ConnectionClosedError): void;
  /** The browser has come back to the network, and the socket may not know that it is dead. */
  woken(): void;
}

/** The code of a close after which the server's advice how long to wait counts. */
const RATE_LIMITED = 4006;

/** A connection that comes back when it is lost. */
export class Link implements Line {
  readonly transport: Transport;
  state: State = "idle";
  /** The server's advice when it last refused something, in milliseconds. */
  retryAfterMs = 0;
  /** Within how many milliseconds to come back, where the server has said that it leaves. */
  windowMs: number | undefined;
  /** Attempts in vain; 0 once a connection has been of use. */
  attempts = 0;
  readonly #backoff: Backoff | false;
  readonly #events: LinkEvents;
  #reason: ConnectionClosedError | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(url: string | URL, options: LinkOptions, events: LinkEvents, advice: CloseAdvice) {
    this.#backoff = options.reconnect ?? {};
    this.#events = events;
    this.transport = new Transport(
      url,
      options,
      {
        ...events,
        opened: () => this.#enter("open"),
        gone: (reason) => this.#gone(reason),
      },
      advice,
    );
  }

  get ready(): boolean {
    return this.state === "open";
  }

  start(): void {
    if (this.state === "idle") {
      this.connect();
    }
    if (this.state === "closed") {
      throw this.#reason;
    }
  }

  /** Connects, also after the end. */
  connect(): void {
    if (this.state === "idle" || this.state === "closed") {
      this.#listen("addEventListener");
      this.attempts = 0;
      this.#enter("connecting");
      this.transport.open();
    }
  }

  send(frame: unknown): void {
    this.transport.send(frame);
  }

  close(): void {
    if (this.state !== "closed") {
      const reason = new ConnectionClosedError(1000, "closed by this client", false);
      if (this.transport.socket) {
        this.transport.close(reason.code, reason.reason);
      } else {
        this.#gone(reason);
      }
    }
  }

  #gone(reason: ConnectionClosedError): void {
    clearTimeout(this.#timer);
    if (reason.retryable && this.#backoff) {
      const { windowMs } = this;
      this.windowMs = undefined;
      const delay = windowMs === undefined ? draw(this.#backoff, this.attempts++) : Math.random() * windowMs;
      // Where there is no network, only its coming back makes another attempt worth it.
      if (globalThis.navigator?.onLine !== false) {
        const least = reason.code === RATE_LIMITED ? this.retryAfterMs : 0;
        this.#timer = later(() => this.transport.open(), Math.max(delay, least));
      }
      this.#enter("reconnecting", reason);
    } else {
      this.#listen("removeEventListener");
      this.#reason = reason;
      this.#enter("closed", reason);
    }
  }

  readonly #online = (): void => {
    if (this.ready) {
      this.#events.woken();
    } else {
      clearTimeout(this.#timer);
      this.transport.open();
    }
  };

  readonly #offline = (): void => clearTimeout(this.#timer);

  /** Hears of the network, where the platform tells. */
  #listen(method: "addEventListener" | "removeEventListener"): void {
    const target = globalThis as Partial<Pick<EventTarget, typeof method>>;
    target[method]?.("online", this.#online);
    target[method]?.("offline", this.#offline);
  }

  #enter(state: State, reason?: ConnectionClosedError): void {
    const before = this.state;
    this.state = state;
    if (reason) {
      this.#events.lost(reason);
    }
    // Attempts in vain are no news.
    if (state !== before) {
      this.#events.changed(state, reason);
    }
  }
}
