import { QueueFullError, ResponseTimeoutError } from "./errors.js";
import { DEFAULT_TIMEOUT_MS, later } from "./timing.js";

/** The value by which a kind of message is told from others. */
export type Tag = string | number | boolean;

export interface RequestOptions {
  /** Gives the request up; what it returned rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long to wait for the answer, in milliseconds, rather than the client's own time. */
  timeoutMs?: number | undefined;
}

/** What requests have to do with, of a client's options. */
export interface PendingOptions {
  /** How long connecting, and each request, may take, in milliseconds; 10000 if not given. */
  timeoutMs?: number | undefined;
  /** How many requests may wait for a connection; 1000 if not given. */
  maxQueued?: number | undefined;
}

/** Begins what is waited for; what it returns is called when the wait is over, for whatever reason. */
export type Begin<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => (() => void) | void;

interface Sent {
  readonly response: Tag | undefined;
  answer(frame: unknown, tag: unknown): void;
  fail(error: unknown): void;
}

/** The requests that wait: for a connection, or for their answers. */
export abstract class PendingRequests {
  abstract readonly options: PendingOptions;
  /** Whether frames can be sent now. */
  abstract readonly ready: boolean;
  /** Those that wait for a connection: how they begin, and how they fail. */
  readonly #queue = new Map<() => void, (error: unknown) => void>();
  /** Those that are not answered, even if nobody waits for that any more. */
  readonly #sent = new Map<number, Sent>();
  #lastId = 0;

  /** Connects where that is needed; throws where it is of no use. */
  abstract start(): void;
  /** Writes a frame. */
  abstract send(frame: unknown): void;

  /**
   * Sends a request when there is a connection, or at once if it is `urgent`, and waits for the answer: a frame with the
   * request's id, or with the tag `response`. `make` makes the request's frame. `accept` makes of the answer what the
   * caller gets, or throws what the caller is to catch; it is called even if nobody waits any more.
   */
  run<T>(
    response: Tag | undefined,
    make: (id: number) => unknown,
    accept: (frame: unknown, tag: unknown) => T,
    options?: RequestOptions,
    urgent?: boolean,
  ): Promise<T> {
    const begin: Begin<T> = (resolve, fail) => {
      const id = ++this.#lastId;
      const answer: Sent["answer"] = (frame, tag) => {
        try {
          // Now rather than in a later turn: the next frame may already depend on it.
          resolve(accept(frame, tag));
        } catch (error) {
          fail(error);
        }
      };
      this.send(make(id));
      this.#sent.set(id, { response, answer, fail });
    };
    return this.wait(begin, options, urgent);
  }

  /** Waits for a connection, unless it is `urgent`, and for what begins then. */
  async wait<T>(begin: Begin<T>, options: RequestOptions = {}, urgent?: boolean): Promise<T> {
    const { maxQueued = 1000 } = this.options;
    const { signal, timeoutMs = this.options.timeoutMs ?? DEFAULT_TIMEOUT_MS } = options;
    signal?.throwIfAborted();
    this.start();
    const now = urgent || this.ready;
    if (!now && this.#queue.size >= maxQueued) {
      throw new QueueFullError(`${maxQueued} requests wait already`);
    }
    let end!: () => void;
    const waiting = new Promise<T>((resolve, reject) => {
      let over: (() => void) | void;
      const start = (): void => {
        this.#queue.delete(start);
        try {
          over = begin(resolve, reject);
        } catch (error) {
          reject(error);
        }
      };
      const abort = (): void => reject(signal?.reason);
      const timer = later(() => reject(new ResponseTimeoutError(`no answer within ${timeoutMs} ms`)), timeoutMs);
      end = () => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#queue.delete(start);
        over?.();
      };
      signal?.addEventListener("abort", abort);
      if (now) {
        start();
      } else {
        this.#queue.set(start, reject);
      }
    });
    return waiting.finally(end);
  }

  /** There is a connection: sends what waits for it. */
  protected flush(): void {
    for (const start of this.#queue.keys()) {
      start();
    }
  }

  /** Hands an answer to the request with its id; without one, to the oldest request that awaits such a tag. */
  settle(id: unknown, tag: unknown, frame: unknown): boolean {
    for (const [key, { response, answer }] of this.#sent) {
      if (id == null ? response !== undefined && response === tag : String(key) === String(id)) {
        this.#sent.delete(key);
        answer(frame, tag);
        return true;
      }
    }
    return false;
  }

  /** The connection is lost: nothing that was sent will be answered. If it is lost for good, nothing waits any more. */
  protected fail(error: Error, forGood: boolean): void {
    for (const { fail } of this.#sent.values()) {
      fail(error);
    }
    this.#sent.clear();
    for (const fail of forGood ? this.#queue.values() : []) {
      fail(error);
    }
  }
}
