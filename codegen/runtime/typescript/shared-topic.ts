import type { Connection } from "./connection.js";
import { ConnectionClosedError, ProtocolError, RequestError, ResponseTimeoutError } from "./errors.js";
import type { Tag } from "./pending.js";
import { Progress, natural } from "./progress.js";
import type { Missing } from "./progress.js";
import type { Frame, TopicProtocol } from "./protocol.js";
import { Subscriber } from "./subscriptions.js";
import type { Hole, SubscribeOptions, UpdateListener } from "./subscriptions.js";
import { draw, later } from "./timing.js";

/** Asking again within so many milliseconds counts as asking in vain. */
const SOON_MS = 20_000;

/** A topic that somebody here wants: subscribed once for all of them, and again when that has to be. */
export class SharedTopic extends Progress {
  /** As the server names it; until it has, as this client would. */
  declare name: string;
  /** Whether the server has said yes to those who are members now. */
  joined = false;
  readonly #connection: Connection;
  /** The payloads that subscribe, and unsubscribe. */
  readonly #payloads: readonly [subscribe: unknown, unsubscribe: unknown];
  readonly #members = new Set<Subscriber>();
  /** Those who wait until the server says yes for the first time: how to tell them, and how to tell them why not. */
  readonly #waiting = new Map<() => void, (error: unknown) => void>();
  /** Whether requests are on their way, one at a time; and what resolves when there are none. */
  #busy = false;
  #task: Promise<void> | undefined;
  /** Whether the server may have it subscribed on this connection. */
  #on = false;
  /** Whether updates count: between the server's yes and whatever makes asking again necessary. */
  #live = false;
  /** Why the server is asked again. */
  #reason: Hole["reason"] = "reconnect";
  /** How often it was, each time soon after the other, and until when the next time is soon. */
  #tries = 0;
  #soon = 0;
  /** Runs until it is. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    connection: Connection,
    protocol: TopicProtocol,
    name: string,
    payloads: readonly [subscribe: unknown, unsubscribe: unknown],
  ) {
    super(connection.protocol, protocol);
    this.#connection = connection;
    this.#payloads = payloads;
    this.name = name;
    connection.topics.set(name, this);
  }

  /** Waits for the server's yes; what this returns gives that up. */
  wait(resolve: () => void, reject: (error: unknown) => void): (() => void) | void {
    if (this.joined) {
      return resolve();
    }
    this.#waiting.set(resolve, reject);
    void this.tend();
    return () => {
      this.#waiting.delete(resolve);
      void this.tend();
    };
  }

  enter(listener: UpdateListener<never, never> | undefined, options: SubscribeOptions): Subscriber {
    const member = new Subscriber(this, listener, options);
    const { latest, protocol } = this;
    this.#members.add(member);
    if (protocol.latest && latest !== undefined) {
      // After whoever subscribed has got the subscription, unless something newer comes first.
      setTimeout(() => latest === this.latest && member.deliver(latest, this.frame));
    }
    return member;
  }

  leave(member: Subscriber): Promise<void> | undefined {
    this.#members.delete(member);
    return this.tend();
  }

  /** Hears what a listener throws. */
  report(error: unknown): void {
    this.#connection.report(error);
  }

  /**
   * Takes what the server sends of its own accord; `strange` if, unless it is an update, the contract does not know it.
   * What is on its way when the topic is left is nobody's; while it is asked again, the answer says how it stands.
   */
  deliver(tag: Tag, frame: Frame, strange: boolean): void {
    const { updates, bare } = this.protocol;
    const connection = this.#connection;
    const { payload, seq, reset, close } = connection.protocol;
    const known = updates.includes(tag);
    if (!this.#live) {
      return;
    }
    if (tag === reset) {
      this.#miss("reset", this.begin(frame, this.position()));
    } else if (tag === close) {
      this.#on = this.#live = false;
      this.#end(new RequestError(frame[payload]));
    } else if (known || (strange && natural(frame[seq as string]) !== undefined)) {
      // What has an update's number is one, of whatever kind: this client cannot read those that it does not know.
      const verdict = this.take(frame, known ? (bare ? connection.body(frame) : frame[payload]) : undefined);
      if (verdict === true) {
        for (const member of [...this.#members]) {
          member.deliver(this.latest, frame);
        }
      } else if (typeof verdict === "string") {
        this.#reason = verdict;
        this.#again();
      } else if (verdict) {
        this.report(new ProtocolError("an update that cannot be read", frame));
        this.#miss("gap", verdict);
      }
    }
  }

  /** The connection is lost; if it is for good, nothing is wanted any more. */
  lost(error: ConnectionClosedError, forGood: boolean): void {
    this.#on = this.#live = false;
    this.#reason = "reconnect";
    this.#wake();
    if (forGood) {
      this.#refuse(error);
      this.#end(error.code === 1000 ? undefined : error);
    }
  }

  /** Brings about what is wanted, one request after another; the first one `now`, whatever the pace. */
  tend(now?: boolean): Promise<void> | undefined {
    if (!this.#busy) {
      this.#busy = true;
      this.#task = this.#work(now);
    }
    return this.#task;
  }

  get #used(): boolean {
    return this.#members.size + this.#waiting.size > 0;
  }

  async #work(now?: boolean): Promise<void> {
    while (this.#connection.ready && (this.#used ? !this.#live && !this.#timer : this.#on)) {
      if (!this.#used) {
        await this.#unsubscribe();
      } else {
        const ms = now ? 0 : this.#connection.pace();
        now = false;
        if (ms > 0) {
          this.#wake(ms);
        } else {
          await this.#subscribe();
        }
      }
    }
    this.#busy = false;
    if (!this.#used) {
      this.#end();
    }
  }

  async #subscribe(): Promise<void> {
    const connection = this.#connection;
    const asked = this.position();
    let late = false;
    const accept = (frame: Frame): void => {
      if (late) {
        return;
      }
      const { topic } = connection.protocol;
      const name = (Object(connection.body(frame)) as Frame)[topic as string] ?? frame[topic as string];
      this.name = typeof name === "string" ? name : this.name;
      connection.topics.set(this.name, this);
      this.#miss(this.#reason, this.begin(frame, asked));
      this.#live = this.joined = true;
      for (const resolve of this.#waiting.keys()) {
        resolve();
      }
    };
    this.#on = true;
    try {
      await connection.request(this.protocol.subscribe, this.#payloads[0], {}, accept, asked);
    } catch (error) {
      late = true;
      // With the connection all is lost that was asked, and is asked again on the next.
      if (!(error instanceof ConnectionClosedError)) {
        const { retryable = true, retryAfterMs = 0 } = error as Partial<RequestError>;
        // Without a no there may have been a yes.
        this.#on = !(error instanceof RequestError);
        // Those who wait have a time of their own for that.
        if (!(error instanceof ResponseTimeoutError)) {
          this.#refuse(error);
        }
        if (this.#used) {
          this.report(error);
          if (retryable) {
            this.#again(retryAfterMs);
          } else {
            this.#end(error as Error);
          }
        }
      }
    }
  }

  #refuse(error: unknown): void {
    for (const reject of this.#waiting.values()) {
      reject(error);
    }
    this.#waiting.clear();
  }

  async #unsubscribe(): Promise<void> {
    const { unsubscribe } = this.protocol;
    this.#on = this.#live = this.joined = false;
    this.forget();
    try {
      await (unsubscribe && this.#connection.request(unsubscribe, this.#payloads[1]));
    } catch (error) {
      if (!(error instanceof ConnectionClosedError)) {
        this.report(error);
      }
    }
  }

  /** Asks again: at once the first time, unless the server has refused; then after longer and longer waits. */
  #again(leastMs = -1): void {
    const now = Date.now();
    this.#live = false;
    this.#tries = now > this.#soon ? 0 : this.#tries + 1;
    const ms = leastMs < 0 && !this.#tries ? 0 : Math.max(leastMs, draw(this.#connection.options.reconnect || {}, this.#tries));
    this.#soon = now + ms + SOON_MS;
    this.#wake(Math.max(ms, this.#connection.pace()));
  }

  /** Goes on after so many milliseconds; without them, not of its own accord. */
  #wake(ms?: number): void {
    clearTimeout(this.#timer);
    this.#timer =
      ms === undefined
        ? undefined
        : later(() => {
            this.#timer = undefined;
            void this.tend(true);
          }, ms);
  }

  /** Tells those who were there of what is missing, if anything is. */
  #miss(reason: Hole["reason"], missing: Missing | undefined): void {
    if (missing && this.#members.size) {
      const hole = { topic: this.name, reason, ...missing };
      const heard = [...this.#members].filter((member) => member.missed(hole));
      if (!this.#connection.holes.emit(hole) && !heard.length) {
        console.warn("Missed updates", hole);
      }
    }
  }

  /** Nobody wants it any more, or nobody gets it. */
  #end(error?: Error): void {
    this.#wake();
    for (const member of this.#members) {
      member.end(error);
    }
    this.#members.clear();
    for (const [name, topic] of this.#connection.topics) {
      if (topic === this) {
        this.#connection.topics.delete(name);
      }
    }
  }
}
