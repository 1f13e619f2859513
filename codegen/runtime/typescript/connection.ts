import { Emitter } from "./emitter.js";
import type { Off } from "./emitter.js";
import { ConnectionClosedError, ProtocolError, RequestError, ResponseTimeoutError } from "./errors.js";
import { Heartbeat } from "./heartbeat.js";
import { Link } from "./link.js";
import type { LinkOptions, State } from "./link.js";
import { PendingRequests } from "./pending.js";
import type { Call, RequestOptions, Tag } from "./pending.js";
import type { Exchange, Frame, Protocol, TopicProtocol } from "./protocol.js";
import type { Hole, SubscribeOptions, Subscription, UpdateListener } from "./subscriptions.js";
import { Topics } from "./topics.js";
import type { Host } from "./topics.js";

export interface ClientOptions extends LinkOptions {
  /** Gives the token to send first on each connection, where the contract has a request for it. */
  token?: (() => string | Promise<string>) | undefined;
  /** How many requests may wait for a connection; 1000 if not given. */
  maxQueued?: number | undefined;
}

/** One connection shared by requests, topics and events, each frame of it in an envelope. */
export class Connection implements Host {
  readonly link: Link;
  readonly pending: PendingRequests;
  readonly states = new Emitter<[state: State, reason: ConnectionClosedError | undefined]>((error) =>
    this.failed(error),
  );
  readonly errors = new Emitter<[error: Error]>((error) => console.error(error));
  readonly holes = new Emitter<[hole: Hole]>((error) => this.failed(error));
  readonly #protocol: Protocol;
  readonly #token: ClientOptions["token"];
  readonly #heartbeat: Heartbeat | undefined;
  readonly #topics: Topics;
  readonly #events = new Map<unknown, Emitter<[frame: unknown]>>();
  /** When the next frame is due, at the pace that the contract allows. */
  #due = 0;

  constructor(protocol: Protocol, url: string | URL, options: ClientOptions) {
    this.#protocol = protocol;
    this.#token = options.token;
    this.link = new Link(
      url,
      options,
      {
        greet: () => this.#greet(),
        frame: (frame) => this.#receive(frame),
        error: (error) => this.errors.emit(error),
        lost: (reason) => this.#lost(reason),
        changed: (state, reason) => this.#changed(state, reason),
        woken: () => void this.#beat(),
      },
      protocol,
    );
    this.pending = new PendingRequests(this.link, options.timeoutMs, options.maxQueued);
    this.#topics = new Topics(this, protocol, options.reconnect || {});
    const { heartbeat } = protocol;
    this.#heartbeat = heartbeat && new Heartbeat(heartbeat.silenceMs, () => void this.#beat());
  }

  get ready(): boolean {
    return this.link.ready;
  }

  /** Resolves when there is a connection. */
  connect(options?: RequestOptions): Promise<void> {
    this.link.connect();
    return this.pending.wait({ timeoutMs: Infinity, ...options }, (resolve) => resolve());
  }

  /** Hears the messages with this tag that the server sends unasked. */
  on(tag: Tag, listener: (frame: never) => void): Off {
    let emitter = this.#events.get(tag);
    if (!emitter) {
      emitter = new Emitter((error) => this.failed(error));
      this.#events.set(tag, emitter);
    }
    return emitter.add(listener as (frame: unknown) => void);
  }

  /** Sends a message that nothing answers. */
  send(tag: Tag, payload?: unknown): Promise<void> {
    return this.pending.wait({}, (resolve) => {
      this.link.send(this.#frame(tag, payload));
      resolve();
    });
  }

  /** Resolves with the answer's payload, or its whole frame where it has none. */
  request<T>(exchange: Exchange, payload: unknown, options?: RequestOptions, urgent?: boolean): Promise<T> {
    return this.pending.run(
      this.call(exchange, payload, (frame) => this.#body(frame) as T),
      options,
      urgent,
    );
  }

  /** `selection` is the payload that unsubscribes. */
  subscribe<Body, Update>(
    protocol: TopicProtocol,
    payload: unknown,
    selection: unknown,
    listener?: UpdateListener<Body, Update>,
    options: SubscribeOptions = {},
  ): Promise<Subscription<Body>> {
    return this.#topics.join(protocol, [payload, selection], listener, options) as Promise<Subscription<Body>>;
  }

  call<T>(exchange: Exchange, payload: unknown, accept: (frame: Frame) => T, extra?: Frame): Call<T> {
    return {
      response: exchange[1],
      frame: (id) => this.#frame(exchange[0], payload, id, extra),
      accept: (answer, tag) => {
        const frame = answer as Frame;
        if (this.#problem(frame) || tag === this.#protocol.error) {
          const error = new RequestError(this.#body(frame));
          this.link.retryAfterMs = error.retryAfterMs ?? this.link.retryAfterMs;
          throw error;
        }
        if (tag !== exchange[1]) {
          throw new ProtocolError("The server answered with a message of another type", frame);
        }
        return accept(frame);
      },
    };
  }

  topicOf(frame: Frame): string | undefined {
    const { topic = "topic" } = this.#protocol;
    const name = (Object(this.#body(frame)) as Frame)[topic] ?? frame[topic];
    return typeof name === "string" ? name : undefined;
  }

  pace(): number {
    const { pace } = this.#protocol;
    const now = Date.now();
    if (pace) {
      this.#due = Math.max(this.#due, now - pace.burst * pace.intervalMs) + pace.intervalMs;
    }
    return this.#due - now;
  }

  report(error: unknown): void {
    this.errors.emit(error instanceof Error ? error : new Error(String(error)));
  }

  /** A listener's mistake is not to go unnoticed. */
  failed(error: unknown): void {
    if (this.errors.used) {
      this.report(error);
    } else {
      console.error(error);
    }
  }

  hole(hole: Hole, heard: boolean): void {
    if (!heard && !this.holes.used) {
      console.warn(`Updates of ${hole.topic} are missing (${hole.reason}): see onHole`, hole);
    }
    this.holes.emit(hole);
  }

  #frame(tag: Tag, payload: unknown, id?: number, extra?: Frame): Frame {
    const { type, payload: body, id: idField, stringIds } = this.#protocol;
    this.#heartbeat?.touch();
    // Topics take their place before they send.
    if (!extra) {
      this.pace();
    }
    return {
      [type]: tag,
      ...(idField !== undefined && id !== undefined && { [idField]: stringIds ? String(id) : id }),
      ...extra,
      ...(payload !== undefined && { [body]: payload }),
    };
  }

  #receive(frame: unknown): void {
    try {
      this.#take(frame);
    } catch (error) {
      this.report(error);
    }
  }

  #take(frame: unknown): void {
    if (typeof frame !== "object" || frame === null) {
      throw new ProtocolError("The server sent something that is no message", frame);
    }
    const { type, id, topic, error, events } = this.#protocol;
    const message = frame as Frame;
    const tag = message[type];
    const address = topic === undefined ? undefined : message[topic];
    if (this.pending.settle(id === undefined ? undefined : message[id], tag, message)) {
      if (this.ready) {
        this.link.attempts = 0;
      }
    } else if (tag === error) {
      throw new RequestError(this.#body(message));
    } else if (this.#events.has(tag) || events.includes(tag as Tag)) {
      const { reconnect_in_ms_max: windowMs } = Object(this.#body(message)) as Record<string, unknown>;
      if (typeof windowMs === "number") {
        this.link.windowMs = windowMs;
      }
      this.#events.get(tag)?.emit(message);
    } else if (typeof address === "string") {
      this.#topics.deliver(address, tag, message);
    } else {
      throw new ProtocolError(`Nothing here waits for a message of type ${JSON.stringify(tag)}`, frame);
    }
  }

  /** Says who this is, where the contract and the user want that. */
  async #greet(): Promise<void> {
    const { authenticate } = this.#protocol;
    const { socket } = this.link.transport;
    this.#due = 0;
    if (authenticate && this.#token) {
      const token = await this.#token();
      if (socket === this.link.transport.socket) {
        await this.request(authenticate.exchange, { [authenticate.token]: token }, {}, true);
      }
    }
  }

  #lost(reason: ConnectionClosedError): void {
    this.#heartbeat?.stop();
    this.#topics.lost();
    if (this.link.state === "closed") {
      this.pending.failAll(reason);
      this.#topics.close(reason.code === 1000 ? undefined : reason);
    } else {
      this.pending.lost(reason);
    }
  }

  #changed(state: State, reason: ConnectionClosedError | undefined): void {
    if (state === "open") {
      this.#heartbeat?.touch();
      this.#topics.opened();
      this.pending.flush();
    }
    this.states.emit(state, reason);
  }

  async #beat(): Promise<void> {
    const { heartbeat } = this.#protocol;
    const { socket } = this.link.transport;
    if (heartbeat && this.ready) {
      try {
        await this.request(heartbeat.exchange, undefined);
      } catch (error) {
        if (error instanceof ResponseTimeoutError && socket === this.link.transport.socket) {
          this.link.transport.close(1006, "the server did not answer the heartbeat", true);
        } else if (!(error instanceof ConnectionClosedError)) {
          this.report(error);
        }
      }
    }
  }

  #body(frame: Frame): unknown {
    const { payload } = this.#protocol;
    return payload in frame ? frame[payload] : frame;
  }

  #problem(frame: Frame): boolean {
    const { path, value } = this.#protocol.problem;
    return path.reduce<unknown>((at, key) => (Object(at) as Frame)[key], this.#body(frame)) === value;
  }
}
