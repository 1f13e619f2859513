import { ProtocolError } from "./errors.js";
import { checksum, follow } from "./held.js";
import type { Held } from "./held.js";
import type { Frame, Protocol, TopicProtocol } from "./protocol.js";

/** Where a topic stands: the update after `seq` of this epoch comes next. */
export interface Position {
  readonly epoch: string;
  readonly seq: number;
}

/** Updates that are missing: the numbers of the last before them and of the last of them, where they are known. */
export interface Missing {
  readonly after: number | undefined;
  readonly seq: number | undefined;
}

/**
 * What an update is: news (true), known already (false), missing itself, or the reason why what is known is not to be
 * built upon: it leaves something out, or makes what is held wrong.
 */
export type Verdict = boolean | Missing | "gap" | "checksum";

/** How far the updates of a topic have come, and what they have made. */
export abstract class Progress {
  /** What the last update made, and its frame. */
  declare latest: unknown;
  declare frame: unknown;
  protected declare readonly protocol: TopicProtocol;
  readonly #envelope: Protocol;
  #seq: number | undefined;
  /** Not known either where what is held went wrong, so that nothing is built upon it. */
  #epoch: string | undefined;
  /** Until the snapshot has come that the server is to send: what to go on from instead, since it belongs to the position. */
  #owed: Position | null | undefined;
  /** What the updates so far have made, where they are changes. */
  #held: Held | undefined;

  constructor(envelope: Protocol, protocol: TopicProtocol) {
    this.#envelope = envelope;
    this.protocol = protocol;
  }

  /** What to go on from, where the contract has that and it is known. */
  protected position(): Position | null {
    const seq = this.#seq;
    const epoch = this.#epoch;
    if (this.#owed !== undefined) {
      return this.#owed;
    }
    return this.#envelope.recover && seq !== undefined && epoch !== undefined ? { epoch, seq } : null;
  }

  /**
   * The server said yes, asked to go on from a position or not, or begins anew; gives what is missing, if anything may
   * be.
   */
  protected begin(frame: Frame, asked: Position | null): Missing | undefined {
    const after = this.#seq;
    const before = this.#epoch;
    const [seq, , epoch = asked?.epoch] = this.#place(frame);
    const { snapshot } = this.protocol;
    if (asked && asked.epoch === epoch && frame[this.#envelope.recovered as string] === true) {
      this.#seq = asked.seq;
      this.#epoch = epoch;
      this.#owed = undefined;
      return undefined;
    }
    const told = (this.#owed || !asked) && epoch && epoch === before && seq === after;
    this.forget();
    this.#seq = seq;
    this.#epoch = epoch;
    if (seq && (snapshot === "subscribe" || (snapshot && asked))) {
      this.#owed = asked;
    }
    return told ? undefined : { after, seq };
  }

  /** Nothing is known of what there is. */
  protected forget(): void {
    this.#owed = this.#epoch = this.#seq = this.latest = this.#held = undefined;
  }

  /** Takes an update in if it is news; without a body it only counts. Throws `ProtocolError` for what has no place. */
  protected take(frame: Frame, body: unknown): Verdict {
    const before = this.#epoch;
    const known = this.#seq;
    const [seq, from = seq, epoch = before] = this.#place(frame);
    const snapshot = frame[this.#envelope.snapshot as string] === true;
    const { state, latest } = this.protocol;
    if (known !== undefined) {
      if (seq === undefined) {
        throw new ProtocolError("an update without its number", frame);
      }
      const renewed = before !== undefined && epoch !== before;
      if (!renewed && seq <= known && !(snapshot && seq === known)) {
        return false;
      }
      // A snapshot makes up for what is left out, unless every update counts.
      if ((renewed || (from as number) > known + 1) && !(snapshot && latest)) {
        return "gap";
      }
    }
    if (state) {
      const sum = frame[this.#envelope.checksum as string];
      try {
        // Before a topic's first update nothing is held; later something has to be.
        body = follow(state, snapshot ? {} : (this.#held ?? (known ? undefined : {})), body as Held);
      } catch {
        this.report(new ProtocolError("an update that cannot be read", frame));
        return this.#wrong();
      }
      if (typeof sum === "number" && sum !== checksum(state, body as Held)) {
        return this.#wrong();
      }
      this.#held = body as Held;
    }
    this.#owed = undefined;
    this.#seq = seq;
    this.#epoch = epoch;
    this.latest = body;
    this.frame = frame;
    return body === undefined ? { after: known, seq } : true;
  }

  /** What is held is wrong. */
  #wrong(): Verdict {
    this.#epoch = this.latest = this.#held = undefined;
    return "checksum";
  }

  abstract report(error: unknown): void;

  /** Where a frame says that it stands: number, first number, epoch. What is of a wrong type says nothing. */
  #place(frame: Frame): readonly [seq: number | undefined, from: number | undefined, epoch: string | undefined] {
    const { seq, seqFrom, epoch } = this.#envelope;
    const life = frame[epoch as string];
    return [
      natural(frame[seq as string]),
      natural(frame[seqFrom as string]),
      typeof life === "string" ? life : undefined,
    ];
  }
}

/** The value, where it is an integer that is not negative. */
export function natural(value: unknown): number | undefined {
  return Number.isInteger(value) && (value as number) >= 0 ? (value as number) : undefined;
}
