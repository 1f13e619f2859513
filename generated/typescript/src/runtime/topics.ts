import { MAX_MS, draw } from "./backoff.js";
import type { Backoff } from "./backoff.js";
import { ConnectionClosedError, ProtocolError, RequestError } from "./errors.js";
import type { Begin, Call, PendingRequests } from "./pending.js";
import { addressOf } from "./protocol.js";
import type { Exchange, Frame, Protocol, TopicProtocol } from "./protocol.js";
import { SharedTopic } from "./shared-topic.js";
import { Subscriber } from "./subscriptions.js";
import type { Hole, SubscribeOptions, UpdateListener } from "./subscriptions.js";
import { later } from "./transport.js";

/** What topics need of their connection. */
export interface Host {
  readonly pending: PendingRequests;
  /** Whether frames can be sent now. */
  readonly ready: boolean;
  call<T>(exchange: Exchange, payload: unknown, accept: (frame: Frame) => T, extra?: Frame): Call<T>;
  /** The topic that an answer names, where it does. */
  topicOf(frame: Frame): string | undefined;
  /** Takes a place in the order of what is sent; gives after how many milliseconds that is. */
  pace(): number;
  report(error: unknown): void;
  /** Hears what a listener throws. */
  failed(error: unknown): void;
  /** Hears of holes, and whether a subscriber has. */
  hole(hole: Hole, heard: boolean): void;
}

/** The topics of a client: each is subscribed once for all who want it, and again when it has to be. */
export class Topics {
  readonly #host: Host;
  readonly #fields: Protocol;
  readonly #backoff: Backoff;
  readonly #topics = new Map<string, SharedTopic>();

  constructor(host: Host, fields: Protocol, backoff: Backoff) {
    this.#host = host;
    this.#fields = fields;
    this.#backoff = backoff;
  }

  async join(
    protocol: TopicProtocol,
    payloads: SharedTopic["payloads"],
    listener: UpdateListener<never, never> | undefined,
    options: SubscribeOptions,
  ): Promise<Subscriber> {
    const name = addressOf(protocol, payloads[0]);
    const begin: Begin<Subscriber> = (resolve, reject) => {
      const topic = this.#topics.get(name) ?? new SharedTopic(this.#fields, protocol, name, payloads);
      this.#topics.set(name, topic);
      const enter = (): void => resolve(this.#enter(topic, listener, options));
      if (topic.joined) {
        enter();
        return undefined;
      }
      const waiting = { resolve: enter, reject };
      topic.waiting.add(waiting);
      this.#tend(topic);
      return () => {
        topic.waiting.delete(waiting);
        this.#tend(topic);
      };
    };
    options.signal?.throwIfAborted();
    // What the server has said yes to is there, even while the connection is not.
    return this.#topics.get(name)?.joined ? new Promise<Subscriber>(begin) : this.#host.pending.wait(options, begin);
  }

  /** Hands an update to those who want it. Others may still be on their way when a topic has been left: nobody's. */
  deliver(address: string, tag: unknown, frame: Frame): void {
    const topic = this.#topics.get(address);
    const { payload } = this.#fields;
    if (!topic?.live || !(topic.protocol.updates as readonly unknown[]).includes(tag)) {
      return;
    }
    const whole = (topic.protocol.bare as readonly unknown[] | undefined)?.includes(tag);
    if (!whole && !(payload in frame)) {
      throw new ProtocolError("The server sent an update of nothing", frame);
    }
    const verdict = topic.take(frame, whole ? frame : frame[payload], (error) => this.#host.report(error));
    if (verdict === true) {
      for (const member of [...topic.members]) {
        member.deliver(topic.latest, frame);
      }
    } else if (verdict) {
      topic.reason = verdict;
      this.#again(topic);
    }
  }

  /** There is a connection. */
  opened(): void {
    for (const topic of this.#topics.values()) {
      this.#tend(topic);
    }
  }

  /** The connection is lost. */
  lost(): void {
    for (const topic of this.#topics.values()) {
      clearTimeout(topic.timer);
      topic.timer = undefined;
      topic.on = topic.live = topic.paced = false;
      topic.reason = "reconnect";
    }
  }

  /** There will be no other connection. */
  close(error: Error | undefined): void {
    const topics = [...this.#topics.values()];
    this.#topics.clear();
    for (const topic of topics) {
      this.#end(topic, error);
    }
  }

  #enter(topic: SharedTopic, listener: UpdateListener<never, never> | undefined, options: SubscribeOptions): Subscriber {
    const member = new Subscriber(topic, listener, options, {
      leave: () => {
        topic.members.delete(member);
        return this.#tend(topic);
      },
      failed: (error) => this.#host.failed(error),
    });
    topic.members.add(member);
    const { latest, state } = topic.protocol;
    if (latest || state) {
      // After whoever subscribed has got the subscription; an update may come first even so.
      Promise.resolve()
        .then(() => undefined)
        .then(() => {
          if (!member.told && topic.latest !== undefined) {
            member.deliver(topic.latest, topic.frame);
          }
        });
    }
    return member;
  }

  /** Brings about what is wanted of a topic, with one request at a time. */
  #tend(topic: SharedTopic): Promise<void> {
    if (!topic.busy) {
      topic.busy = true;
      topic.task = this.#work(topic);
    }
    return topic.task;
  }

  async #work(topic: SharedTopic): Promise<void> {
    while (this.#host.ready && (topic.used ? !topic.live && !topic.timer : topic.on)) {
      if (!topic.used) {
        await this.#unsubscribe(topic);
      } else if (topic.paced || !this.#paced(topic)) {
        await this.#subscribe(topic);
      }
    }
    topic.busy = false;
    if (!topic.used) {
      clearTimeout(topic.timer);
      for (const [name, other] of this.#topics) {
        if (other === topic) {
          this.#topics.delete(name);
        }
      }
    }
  }

  /** Whether it is another topic's turn first. */
  #paced(topic: SharedTopic): boolean {
    const ms = this.#host.pace();
    topic.paced = ms > 0;
    if (topic.paced) {
      this.#wake(topic, ms);
    }
    return topic.paced;
  }

  #wake(topic: SharedTopic, ms: number): void {
    clearTimeout(topic.timer);
    topic.timer = later(() => {
      topic.timer = undefined;
      this.#tend(topic);
    }, ms);
  }

  async #subscribe(topic: SharedTopic): Promise<void> {
    const host = this.#host;
    const { protocol, payloads, members, waiting } = topic;
    const { recover } = this.#fields;
    const asked = recover === undefined ? undefined : topic.position;
    const turn = ++topic.turn;
    topic.on = true;
    topic.paced = false;
    const accept = (frame: Frame): void => {
      // An answer that comes after the next request was sent, or after all have left, says nothing of now.
      if (turn === topic.turn) {
        topic.name = host.topicOf(frame) ?? topic.name;
        if (!this.#topics.has(topic.name)) {
          this.#topics.set(topic.name, topic);
        }
        const hole = topic.answered(frame, asked);
        if (hole) {
          host.hole(hole, [...members].filter((member) => member.miss(hole)).length > 0);
        }
        for (const { resolve } of waiting) {
          resolve();
        }
      }
    };
    try {
      const extra = asked ? { [recover as string]: asked } : {};
      const call = host.call(protocol.subscribe, payloads[0], accept, extra);
      await host.pending.run(call);
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) {
        this.#refused(topic, error as Error);
      }
    }
  }

  #refused(topic: SharedTopic, error: Error): void {
    const { retryable = true, retryAfterMs = 0 } = error as Partial<RequestError>;
    // Without a no there may have been a yes.
    topic.on = !(error instanceof RequestError);
    for (const { reject } of topic.waiting) {
      reject(error);
    }
    if (topic.members.size > 0) {
      this.#host.report(error);
      if (retryable) {
        this.#again(topic, retryAfterMs);
      } else {
        this.#end(topic, error);
      }
    }
  }

  async #unsubscribe(topic: SharedTopic): Promise<void> {
    const host = this.#host;
    const { unsubscribe } = topic.protocol;
    topic.reset();
    if (unsubscribe) {
      try {
        await host.pending.run(host.call(unsubscribe, topic.payloads[1], () => undefined));
      } catch (error) {
        if (!(error instanceof ConnectionClosedError)) {
          host.report(error);
        }
      }
    }
  }

  /** Asks again: at once the first time, unless the server has refused; then after longer and longer waits. */
  #again(topic: SharedTopic, leastMs?: number): void {
    const { maxMs = MAX_MS } = this.#backoff;
    const now = Date.now();
    topic.live = false;
    if (now > topic.soon) {
      topic.tries = 0;
    }
    const first = leastMs === undefined && topic.tries === 0;
    const ms = first ? 0 : Math.max(leastMs ?? 0, draw(this.#backoff, topic.tries));
    topic.tries++;
    topic.soon = now + ms + maxMs;
    this.#wake(topic, ms);
  }

  #end(topic: SharedTopic, error: Error | undefined): void {
    clearTimeout(topic.timer);
    for (const member of topic.members) {
      member.end(error);
    }
    topic.members.clear();
  }
}
