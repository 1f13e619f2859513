import { ProtocolError } from "./errors.js";
import { checksum, follow } from "./held.js";
import type { Held } from "./held.js";
import type { Frame, Protocol, TopicProtocol } from "./protocol.js";
import type { Hole, Subscriber } from "./subscriptions.js";

/** Where a topic stands: the update after `seq` of this epoch comes next. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** What a frame says of its place. */
interface Numbers {
  readonly seq: number | undefined;
  readonly from: number | undefined;
  readonly epoch: string | undefined;
}

/** One who waits until the server says yes for the first time. */
export interface Waiting {
  resolve(): void;
  reject(error: unknown): void;
}

/** A topic that somebody here wants: who, how far its updates have come, and what they have made. */
export class SharedTopic {
  readonly protocol: TopicProtocol;
  /** As the server names it; until it has, as this client would. */
  name: string;
  /** The payloads that subscribe, and unsubscribe. */
  readonly payloads: readonly [subscribe: unknown, unsubscribe: unknown];
  readonly members = new Set<Subscriber>();
  readonly waiting = new Set<Waiting>();
  /** Whether a request about it is on its way; there is one at a time. */
  busy = false;
  /** What ends when there is none. */
  task: Promise<void> = Promise.resolve();
  /** Whether the server may have it subscribed on this connection. */
  on = false;
  /** Whether updates count: between the server's yes and whatever makes asking again necessary. */
  live = false;
  /** Whether the server has said yes to those who are members now. */
  joined = false;
  /** Why the server is asked again. */
  reason: Hole["reason"] = "reconnect";
  /** Counts the requests, so that an answer that comes after the next one was sent is known to be late. */
  turn = 0;
  /** How often the server was asked again, each time soon after the other, and until when it would be soon. */
  tries = 0;
  soon = 0;
  /** Whether it has a place in the order of what is sent. */
  paced = false;
  /** Runs until it is asked about again. */
  timer: ReturnType<typeof setTimeout> | undefined;
  /** What the last update made, and its frame. */
  latest: unknown;
  frame: unknown;
  readonly #fields: Protocol;
  #seq: number | undefined;
  #epoch: string | undefined;
  /** What the updates so far have made, where they are changes. */
  #held: Held | undefined;
  /** Whether what was taken so far can be built upon. */
  #sound = true;

  constructor(fields: Protocol, protocol: TopicProtocol, name: string, payloads: SharedTopic["payloads"]) {
    this.#fields = fields;
    this.protocol = protocol;
    this.name = name;
    this.payloads = payloads;
  }

  get used(): boolean {
    return this.members.size + this.waiting.size > 0;
  }

  /** What to go on from, where that is known. */
  get position(): Position | undefined {
    const seq = this.#seq;
    const epoch = this.#epoch;
    return this.#sound && seq !== undefined && epoch !== undefined ? { epoch, seq } : undefined;
  }

  /** Nobody is left, and who comes next begins anew. */
  reset(): void {
    this.turn++;
    this.on = this.live = this.joined = false;
    this.#lose();
    this.latest = undefined;
  }

  /** The server said yes, asked to go on from a position or not; gives the hole, if there is one. */
  answered(frame: Frame, asked: Position | undefined): Hole | undefined {
    const { seq, epoch } = this.#read(frame);
    const { recovered } = this.#fields;
    const whole = asked && field(frame, recovered) === true && (epoch ?? asked.epoch) === asked.epoch;
    const { joined, reason, name: topic } = this;
    const after = this.#seq;
    if (!whole) {
      this.#lose();
      this.#sound = true;
      this.#seq = seq;
      this.#epoch = epoch;
    }
    this.live = this.joined = true;
    return joined && !whole ? { topic, reason, after, seq } : undefined;
  }

  /**
   * Takes an update in: true if it is news, false if it is known already, else the reason why the server has to be
   * asked again. Throws `ProtocolError` for what is no update.
   */
  take(frame: Frame, body: unknown, report: (error: Error) => void): Hole["reason"] | boolean {
    const { seq, from = seq, epoch = this.#epoch } = this.#read(frame);
    const snapshot = field(frame, this.#fields.snapshot) === true;
    const known = this.#seq;
    if (known !== undefined) {
      if (seq === undefined || from === undefined) {
        throw new ProtocolError("The server did not number an update", frame);
      }
      const renewed = this.#epoch !== undefined && epoch !== this.#epoch;
      if (!renewed && (snapshot ? seq < known : seq <= known)) {
        return false;
      }
      if (!snapshot && (renewed || from > known + 1)) {
        return "gap";
      }
    }
    if (this.protocol.state) {
      const reason = this.#change(frame, body, snapshot, report);
      if (reason) {
        this.#lose();
        return reason;
      }
    } else {
      this.latest = body;
    }
    this.frame = frame;
    this.#seq = seq;
    this.#epoch = epoch;
    return true;
  }

  #change(frame: Frame, body: unknown, snapshot: boolean, report: (error: Error) => void): Hole["reason"] | undefined {
    const rule = this.protocol.state as NonNullable<TopicProtocol["state"]>;
    const before = snapshot ? undefined : this.#held;
    // Before the first update there is nothing to be held.
    if (!snapshot && !before && this.#seq) {
      return "gap";
    }
    let held: Held;
    try {
      held = follow(rule, before, body as Held);
    } catch (error) {
      report(new ProtocolError(`The server sent a change that is none: ${(error as Error).message}`, frame));
      return "gap";
    }
    const name = this.#fields.checksum;
    if (rule.checksum !== undefined && name !== undefined) {
      const sum = frame[name];
      if (typeof sum !== "number") {
        report(new ProtocolError("The server sent a change without its checksum", frame));
      } else if (sum !== checksum(rule, held)) {
        return "checksum";
      }
    }
    this.latest = this.#held = held;
    return undefined;
  }

  /** What is held is wrong, or not known. */
  #lose(): void {
    this.#sound = false;
    if (this.protocol.state) {
      this.latest = this.#held = undefined;
    }
  }

  #read(frame: Frame): Numbers {
    const { seq, seqFrom, epoch } = this.#fields;
    const position = { seq: field(frame, seq), from: field(frame, seqFrom), epoch: field(frame, epoch) };
    if (![position.seq ?? 0, position.from ?? 0].every(Number.isInteger) || typeof (position.epoch ?? "") !== "string") {
      throw new ProtocolError("The server sent a position that is none", frame);
    }
    return position as Numbers;
  }
}

function field(frame: Frame, name: string | undefined): unknown {
  return name === undefined ? undefined : frame[name];
}
