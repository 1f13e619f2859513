import { Emitter } from "./emitter.js";
import type { Off } from "./emitter.js";
import { ConnectionClosedError, ProtocolError, RequestError, ResponseTimeoutError } from "./errors.js";
import { Heartbeat } from "./heartbeat.js";
import { PendingRequests } from "./pending.js";
import type { Call, RequestOptions, Tag } from "./pending.js";
import { Subscriber } from "./subscriptions.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./subscriptions.js";
import { Transport } from "./transport.js";
import type { CloseAdvice, State, TransportOptions } from "./transport.js";

export type ClientOptions = TransportOptions;

/** A request's tag, and that of its answer. */
export type Exchange = readonly [request: Tag, response: Tag];

/** What the contract says of every frame. */
export interface Protocol extends CloseAdvice {
  /** The names of the envelope's fields. */
  readonly type: string;
  readonly payload: string;
  readonly id?: string;
  readonly topic?: string;
  /** Whether ids have to be strings. */
  readonly stringIds?: boolean;
  /** What tells a refusal from an answer, within the payload. */
  readonly problem: { readonly path: readonly string[]; readonly value: Tag };
  /** The tag of errors that belong to no request. */
  readonly error: Tag;
  /** Other tags that the server sends unasked. */
  readonly events: readonly Tag[];
  /** What to send when nothing else was sent for so long. */
  readonly heartbeat?: { readonly silenceMs: number; readonly exchange: Exchange };
}

/** What the contract says of the topics of one channel. */
export interface TopicProtocol {
  readonly subscribe: Exchange;
  readonly unsubscribe?: Exchange;
  /** The tags of the topic's updates. */
  readonly updates: readonly Tag[];
}

type Frame = Readonly<Record<string, unknown>>;

interface Topic {
  readonly protocol: TopicProtocol;
  /** The payload that unsubscribes. */
  readonly selection: unknown;
  readonly subscribers: Set<Subscriber<unknown, unknown>>;
}

/** One socket shared by requests, topics and events, each frame of it in an envelope. */
export class Connection {
  readonly #protocol: Protocol;
  readonly transport: Transport;
  readonly #pending: PendingRequests;
  readonly #heartbeat: Heartbeat | undefined;
  readonly #topics = new Map<string, Topic>();
  /** The subscribe requests that are not answered yet. */
  readonly #joining = new Set<Promise<unknown>>();
  readonly #events = new Map<unknown, Emitter<[frame: unknown]>>();
  readonly states = new Emitter<[state: State, reason: ConnectionClosedError | undefined]>((error) =>
    this.#listenerFailed(error),
  );
  readonly errors = new Emitter<[error: Error]>((error) => console.error(error));

  constructor(protocol: Protocol, url: string | URL, options: ClientOptions) {
    this.#protocol = protocol;
    this.transport = new Transport(
      url,
      options,
      {
        frame: (frame) => this.#receive(frame),
        state: (state, reason) => this.#changed(state, reason),
        error: (error) => this.errors.emit(error),
      },
      protocol,
    );
    this.#pending = new PendingRequests(this.transport, options.timeoutMs);
    const { heartbeat } = protocol;
    this.#heartbeat = heartbeat && new Heartbeat(heartbeat.silenceMs, () => void this.#beat(heartbeat.exchange));
  }

  /** Hears the messages with this tag that the server sends unasked. */
  on(tag: Tag, listener: (frame: never) => void): Off {
    let emitter = this.#events.get(tag);
    if (!emitter) {
      emitter = new Emitter((error) => this.#listenerFailed(error));
      this.#events.set(tag, emitter);
    }
    return emitter.add(listener as (frame: unknown) => void);
  }

  /** Sends a message that nothing answers. */
  async send(tag: Tag, payload?: unknown): Promise<void> {
    await this.transport.open();
    this.transport.send(this.#frame(tag, payload, undefined));
  }

  /** Resolves with the answer's payload, or its whole frame where it has none. */
  request<T>(exchange: Exchange, payload: unknown, options?: RequestOptions): Promise<T> {
    return this.#pending.run(this.#call(exchange, payload, (frame) => this.#body(frame) as T), options);
  }

  subscribe<Body, Update>(
    protocol: TopicProtocol,
    payload: unknown,
    selection: unknown,
    listener: UpdateListener<Body, Update> | undefined,
    options: SubscribeOptions = {},
  ): Promise<Subscription<Body>> {
    const joining = this.#pending.run<Subscription<Body>>(
      {
        ...this.#call(protocol.subscribe, payload, (frame) => {
          const name = this.#topicOf(frame);
          let topic = this.#topics.get(name);
          if (!topic) {
            topic = { protocol, selection, subscribers: new Set() };
            this.#topics.set(name, topic);
          }
          const subscriber = new Subscriber<Body, Update>(
            name,
            listener,
            options,
            (leaving) => this.#leave(name, leaving as Subscriber<unknown, unknown>),
            (error) => this.#listenerFailed(error),
          );
          topic.subscribers.add(subscriber as Subscriber<unknown, unknown>);
          return subscriber;
        }),
        late: (frame) => {
          this.#undo(frame as Frame, protocol, selection).catch((error: unknown) => this.#report(error));
        },
      },
      options,
    );
    this.#joining.add(joining);
    const joined = (): void => void this.#joining.delete(joining);
    joining.then(joined, joined);
    return joining;
  }

  /** Leaves a topic whose subscribing was given up before the server said yes. */
  async #undo(frame: Frame, protocol: TopicProtocol, selection: unknown): Promise<void> {
    if (!this.#problem(frame)) {
      await this.#release(this.#topicOf(frame), protocol, selection);
    }
  }

  async #leave(name: string, subscriber: Subscriber<unknown, unknown>): Promise<void> {
    const topic = this.#topics.get(name);
    if (topic?.subscribers.delete(subscriber) && topic.subscribers.size === 0) {
      this.#topics.delete(name);
      await this.#release(name, topic.protocol, topic.selection);
    }
  }

  /** Unsubscribes on the server, unless somebody here wants the topic after all. */
  async #release(name: string, protocol: TopicProtocol, selection: unknown): Promise<void> {
    while (this.#joining.size > 0) {
      // One of these may be for the same topic: its answer says so.
      await Promise.allSettled(this.#joining);
    }
    if (protocol.unsubscribe && this.transport.state === "open" && !this.#topics.has(name)) {
      await this.request(protocol.unsubscribe, selection);
    }
  }

  #call<T>(exchange: Exchange, payload: unknown, accept: (frame: Frame) => T): Call<T> {
    return {
      response: exchange[1],
      frame: (id) => this.#frame(exchange[0], payload, id),
      accept: (answer, tag) => {
        const frame = answer as Frame;
        if (this.#problem(frame) || tag === this.#protocol.error) {
          throw new RequestError(this.#body(frame));
        }
        if (tag !== exchange[1]) {
          throw new ProtocolError("The server answered with a message of another type", frame);
        }
        return accept(frame);
      },
    };
  }

  #frame(tag: Tag, payload: unknown, id: number | undefined): Frame {
    const { type, payload: body, id: idField, stringIds } = this.#protocol;
    this.#heartbeat?.touch();
    return {
      [type]: tag,
      ...(idField !== undefined && id !== undefined && { [idField]: stringIds ? String(id) : id }),
      ...(payload !== undefined && { [body]: payload }),
    };
  }

  #receive(frame: unknown): void {
    if (typeof frame !== "object" || frame === null) {
      this.errors.emit(new ProtocolError("The server sent something that is no message", frame));
      return;
    }
    const { type, id, topic, error, events } = this.#protocol;
    const message = frame as Frame;
    const tag = message[type];
    const address = topic === undefined ? undefined : message[topic];
    if (this.#pending.settle(id === undefined ? undefined : message[id], tag, message)) {
      return;
    }
    if (tag === error) {
      this.errors.emit(new RequestError(this.#body(message)));
    } else if (this.#events.has(tag) || events.includes(tag as Tag)) {
      this.#events.get(tag)?.emit(message);
    } else if (typeof address === "string") {
      this.#deliver(address, tag, message);
    } else {
      this.errors.emit(new ProtocolError(`Nothing here waits for a message of type ${JSON.stringify(tag)}`, frame));
    }
  }

  #deliver(address: string, tag: unknown, frame: Frame): void {
    const topic = this.#topics.get(address);
    // Updates may still be on their way when the topic has been left: those are nobody's.
    if (topic?.protocol.updates.includes(tag as Tag)) {
      for (const subscriber of [...topic.subscribers]) {
        subscriber.deliver(this.#body(frame), frame);
      }
    }
  }

  #changed(state: State, reason: ConnectionClosedError | undefined): void {
    if (state === "open") {
      this.#heartbeat?.touch();
    }
    if (reason) {
      this.#heartbeat?.stop();
      this.#pending.failAll(reason);
      const topics = [...this.#topics.values()];
      this.#topics.clear();
      for (const { subscribers } of topics) {
        for (const subscriber of subscribers) {
          subscriber.end(reason.code === 1000 ? undefined : reason);
        }
      }
    }
    this.states.emit(state, reason);
  }

  async #beat(exchange: Exchange): Promise<void> {
    try {
      await this.request(exchange, undefined);
    } catch (error) {
      if (error instanceof ResponseTimeoutError) {
        this.transport.close(1006, "the server did not answer the heartbeat", true);
      } else if (!(error instanceof ConnectionClosedError)) {
        this.#report(error);
      }
    }
  }

  #body(frame: Frame): unknown {
    const { payload } = this.#protocol;
    return payload in frame ? frame[payload] : frame;
  }

  #topicOf(frame: Frame): string {
    const field = this.#protocol.topic ?? "topic";
    const topic = (Object(this.#body(frame)) as Frame)[field] ?? frame[field];
    if (typeof topic !== "string") {
      throw new ProtocolError("The server did not say which topic it subscribed to", frame);
    }
    return topic;
  }

  #problem(frame: Frame): boolean {
    const { path, value } = this.#protocol.problem;
    return path.reduce<unknown>((at, key) => (Object(at) as Frame)[key], this.#body(frame)) === value;
  }

  #report(error: unknown): void {
    this.errors.emit(error instanceof Error ? error : new Error(String(error)));
  }

  /** A listener's mistake is not to go unnoticed. */
  #listenerFailed(error: unknown): void {
    if (this.errors.used) {
      this.#report(error);
    } else {
      console.error(error);
    }
  }
}
