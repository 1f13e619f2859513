import { Emitter } from "./emitter.js";
import type { Off } from "./emitter.js";
import { ConnectionClosedError, ProtocolError, RequestError, ResponseTimeoutError } from "./errors.js";
import { Link } from "./link.js";
import type { LinkOptions, State } from "./link.js";
import type { Begin, RequestOptions, Tag } from "./pending.js";
import type { Position } from "./progress.js";
import type { Exchange, Frame, Protocol, TopicProtocol } from "./protocol.js";
import { SharedTopic } from "./shared-topic.js";
import type { Hole, SubscribeOptions, Subscription, UpdateListener } from "./subscriptions.js";
import { later } from "./timing.js";

export interface ClientOptions extends LinkOptions {
  /**
   * Gives the token to send first on each connection, where the contract has a request for it. Asked for another one
   * before four fifths of its time are over, where the server says how long it is good. A string is sent as it is: there
   * is no other then, and an empty one is as good as none: nothing is sent. A function that throws, or gives no string, costs
   * a connection that begins, and is asked again; an empty string from it is sent, and refused by the server.
   */
  token?: string | (() => string | Promise<string>) | undefined;
}

/** One connection shared by requests, topics and events, each frame of it in an envelope. */
export class Connection extends Link {
  declare readonly protocol: Protocol;
  declare readonly options: ClientOptions;
  /** By address. */
  readonly topics = new Map<string, SharedTopic>();
  readonly states = new Emitter<[state: State, reason: ConnectionClosedError | undefined]>(this);
  readonly holes = new Emitter<[hole: Hole]>(this);
  readonly errors = new Emitter<[error: Error]>({ report: console.error });
  /** Runs while nothing is sent. */
  #silence: ReturnType<typeof setTimeout> | undefined;
  /** Runs until the token is to be replaced. */
  #renewal: ReturnType<typeof setTimeout> | undefined;
  readonly #events = new Map<unknown, Emitter<[frame: unknown]>>();
  /** When the next frame is due, at the pace that the contract allows. */
  #due = 0;

  /** Resolves when there is a connection; in time, or rejects with the reason why not. */
  async connect(options?: RequestOptions): Promise<void> {
    this.begin();
    try {
      await this.wait<void>((resolve) => resolve(), options);
    } catch (error) {
      throw (error instanceof ResponseTimeoutError && this.reason) || error;
    }
  }

  /** Hears the messages with this tag that the server sends unasked. */
  on(tag: Tag, listener: (frame: never) => void): Off {
    const emitter = this.#events.get(tag) ?? new Emitter<[frame: unknown]>(this);
    this.#events.set(tag, emitter);
    return emitter.add(listener as (frame: unknown) => void);
  }

  /** Sends a message that nothing answers. */
  tell(tag: Tag, payload?: unknown): Promise<void> {
    return this.wait((resolve) => resolve(this.send(this.#frame(tag, payload))));
  }

  /**
   * Resolves with the answer's payload, or its whole frame where it has none; or with what `accept` makes of a frame
   * that says yes. `asked` is what to recover from, null for nothing: with either, the request has taken its place in
   * the order of what is sent. `urgent` requests do not wait until the link is open.
   */
  request<T>(
    exchange: Exchange,
    payload: unknown,
    options?: RequestOptions,
    accept = (frame: Frame) => this.body(frame) as T,
    asked?: Position | null,
    urgent?: boolean,
  ): Promise<T> {
    const [request, response = `${request}.response`] = exchange;
    return this.run<T>(
      response,
      (id) => this.#frame(request, payload, id, asked),
      (answer, tag) => {
        const frame = answer as Frame;
        const body = this.body(frame);
        if (tag === this.protocol.error || this.protocol.refused(Object(body))) {
          const refusal = new RequestError(body);
          this.retryAfterMs = refusal.retryAfterMs ?? 0;
          throw refusal;
        }
        if (tag !== response) {
          throw new ProtocolError("an answer of another type", frame);
        }
        return accept(frame);
      },
      options,
      urgent,
    );
  }

  /** `selection` is the payload that unsubscribes. */
  async subscribe<Body, Update>(
    protocol: TopicProtocol,
    payload: unknown,
    selection: unknown,
    listener?: UpdateListener<Body, Update>,
    options: SubscribeOptions = {},
  ): Promise<Subscription<Body>> {
    const name = protocol.address(Object(payload));
    const begin: Begin<Subscription<unknown>> = (resolve, reject) => {
      const topic = this.topics.get(name) ?? new SharedTopic(this, protocol, name, [payload, selection]);
      return topic.wait(() => options.signal?.aborted || resolve(topic.enter(listener, options)), reject);
    };
    options.signal?.throwIfAborted();
    // What the server has said yes to is there, even while the connection is not.
    const joining = this.topics.get(name)?.joined ? new Promise(begin) : this.wait(begin, options);
    return joining as Promise<Subscription<Body>>;
  }

  body(frame: Frame): unknown {
    const { payload } = this.protocol;
    return payload in frame ? frame[payload] : frame;
  }

  /** Takes a place in the order of what is sent; gives after how many milliseconds that is. */
  pace(): number {
    const { pace } = this.protocol;
    const now = Date.now();
    if (pace) {
      const { burst, intervalMs } = pace;
      this.#due = Math.max(this.#due, now - burst * intervalMs) + intervalMs;
    }
    return this.#due - now;
  }

  /** Tells of what belongs to no request; a mistake is not to go unnoticed. */
  report(error: unknown): void {
    if (!this.errors.emit(error instanceof Error ? error : new Error(String(error)))) {
      console.error(error);
    }
  }

  /** Says who this is, where the contract and the user want that; again before the token runs out. */
  override async greet(): Promise<void> {
    const { authenticate } = this.protocol;
    const { token } = this.options;
    const { socket } = this;
    if (authenticate && token) {
      const payload = { [authenticate.token]: (typeof token === "string" ? token : await token()).trim() };
      if (socket === this.socket) {
        const answer = await this.request(authenticate.exchange, payload, {}, undefined, null, true);
        const lastsMs = (Object(answer) as Frame)[authenticate.expires as string] as number;
        if (lastsMs >= 0) {
          // What goes wrong then costs nothing yet: the server says when the token that it has is over.
          this.#renewal = later(
            () => this.greet().catch((error) => socket === this.socket && this.report(error)),
            // One that has less counts a little longer than the server says.
            lastsMs > 1000 ? lastsMs * (0.8 - Math.random() / 10) : 10_000,
          );
        }
      }
    }
  }

  lost(reason: ConnectionClosedError, forGood: boolean): void {
    clearTimeout(this.#silence);
    clearTimeout(this.#renewal);
    this.#due = 0;
    for (const topic of this.topics.values()) {
      topic.lost(reason, forGood);
    }
  }

  changed(state: State, reason: ConnectionClosedError | undefined): void {
    if (state === "open") {
      this.#touch();
      for (const topic of this.topics.values()) {
        void topic.tend();
      }
    }
    this.states.emit(state, reason);
  }

  /** Finds out whether the connection is alive. */
  override async probe(): Promise<void> {
    const { heartbeat } = this.protocol;
    const { socket } = this;
    if (heartbeat && this.ready) {
      try {
        await this.request(heartbeat.exchange, undefined);
      } catch (error) {
        if (socket === this.socket) {
          if (error instanceof ResponseTimeoutError) {
            this.end(1006, "no answer to the heartbeat", true);
          } else {
            this.report(error);
          }
        }
      }
    }
  }

  /** Counts the silence anew: something is sent. */
  #touch(): void {
    const { heartbeat } = this.protocol;
    clearTimeout(this.#silence);
    if (heartbeat) {
      this.#silence = setTimeout(() => void this.probe(), heartbeat.silenceMs);
    }
  }

  #frame(tag: Tag, payload?: unknown, id?: number, asked?: Position | null): Frame {
    const { type, payload: body, id: idField, stringIds, recover } = this.protocol;
    this.#touch();
    if (asked === undefined) {
      this.pace();
    }
    // What is undefined is left out when it is written.
    return {
      [type]: tag,
      [idField as string]: idField && id && (stringIds ? String(id) : id),
      [recover as string]: asked ?? undefined,
      [body]: payload,
    };
  }

  receive(message: unknown): void {
    const { type, id, topic, error, events } = this.protocol;
    const frame = Object(message) as Frame;
    const tag = frame[type] as Tag;
    const address = frame[topic as string];
    if (this.settle(frame[id as string], tag, frame)) {
      if (this.ready) {
        this.attempts = 0;
      }
      return;
    }
    if (tag === error) {
      throw new RequestError(this.body(frame));
    }
    const event = events.includes(tag);
    if (event) {
      const { reconnect_in_ms_max: windowMs } = Object(this.body(frame)) as Record<string, number>;
      if ((windowMs as number) >= 0) {
        this.window = { minMs: windowMs, maxMs: windowMs };
      }
      this.#events.get(tag)?.emit(frame);
    } else if (typeof address !== "string") {
      throw new ProtocolError("an answer to nothing", message);
    }
    this.topics.get(address as string)?.deliver(tag, frame, !event && frame[id as string] == null);
  }
}
