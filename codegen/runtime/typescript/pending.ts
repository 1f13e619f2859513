import { QueueFullError, ResponseTimeoutError } from "./errors.js";
import { DEFAULT_TIMEOUT_MS, later } from "./transport.js";

/** The value by which a kind of message is told from others. */
export type Tag = string | number | boolean;

export interface RequestOptions {
  /** Gives the request up; what it returned rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** How long to wait for the answer, in milliseconds, rather than the client's own time. */
  timeoutMs?: number | undefined;
}

/** A request on its way. */
export interface Call<T> {
  /** What the answer's tag will be. */
  readonly response: Tag | undefined;
  /** Makes the frame that carries this id. */
  frame(id: number): unknown;
  /** Turns the answer into what the caller gets, or throws what the caller is to catch; also when that is late. */
  accept(frame: unknown, tag: unknown): T;
}

/** What requests go over. */
export interface Line {
  /** Whether frames can be sent now. */
  readonly ready: boolean;
  /** Connects where that is needed; throws where it is of no use. */
  start(): void;
  send(frame: unknown): void;
}

/** Ends a wait; whatever else would end it comes too late then. */
export type Begin<T> = (resolve: (value: T) => void, reject: (error: unknown) => void) => (() => void) | void;

interface Entry {
  readonly response: Tag | undefined;
  answer(frame: unknown, tag: unknown): void;
  fail(error: unknown): void;
}

/** The requests that wait: for a connection, or for their answers. */
export class PendingRequests {
  readonly #line: Line;
  readonly #timeoutMs: number;
  readonly #maxQueued: number;
  /** Those that wait for a connection. */
  readonly #queue = new Set<() => void>();
  /** How to end all that wait for anything. */
  readonly #fails = new Set<(error: unknown) => void>();
  /** Those that wait for an answer, even if nobody wants that any more. */
  readonly #sent = new Map<number, Entry>();
  #lastId = 0;

  constructor(line: Line, timeoutMs = DEFAULT_TIMEOUT_MS, maxQueued = 1000) {
    this.#line = line;
    this.#timeoutMs = timeoutMs;
    this.#maxQueued = maxQueued;
  }

  /** Sends a request when there is a connection, or at once if it is `urgent`, and waits for the answer. */
  run<T>(call: Call<T>, options?: RequestOptions, urgent?: boolean): Promise<T> {
    return this.wait<T>(
      options,
      (resolve, fail) => {
        const id = ++this.#lastId;
        this.#sent.set(id, {
          response: call.response,
          answer: (frame, tag) => {
            try {
              // Now rather than in a later turn: the next frame may already depend on it.
              resolve(call.accept(frame, tag));
            } catch (error) {
              fail(error);
            }
          },
          fail,
        });
        this.#line.send(call.frame(id));
      },
      urgent,
    );
  }

  /** Calls `begin` when there is a connection, and waits until that settles; what it returns is called in the end. */
  wait<T>(options: RequestOptions = {}, begin: Begin<T>, urgent = false): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal, timeoutMs = this.#timeoutMs } = options;
      signal?.throwIfAborted();
      this.#line.start();
      const go = urgent || this.#line.ready;
      if (!go && this.#queue.size >= this.#maxQueued) {
        throw new QueueFullError(`${this.#maxQueued} requests wait for the connection already`);
      }
      let over: (() => void) | void;
      const settle = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
        this.#queue.delete(start);
        this.#fails.delete(fail);
        over?.();
        over = undefined;
      };
      const fail = (error: unknown): void => {
        reject(error);
        settle();
      };
      const start = (): void => {
        this.#queue.delete(start);
        try {
          over = begin((value) => {
            resolve(value);
            settle();
          }, fail);
        } catch (error) {
          fail(error);
        }
      };
      const abort = (): void => fail(signal?.reason);
      const timer = later(
        () => fail(new ResponseTimeoutError(`There was no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      signal?.addEventListener("abort", abort);
      this.#fails.add(fail);
      if (go) {
        start();
      } else {
        this.#queue.add(start);
      }
    });
  }

  /** There is a connection: sends what waits for it. */
  flush(): void {
    for (const start of this.#queue) {
      start();
    }
  }

  /** Hands an answer to the request with its id; without one, to the oldest request that awaits such a tag. */
  settle(id: unknown, tag: unknown, frame: unknown): boolean {
    let key = Number(id);
    if (id === undefined || id === null) {
      key = [...this.#sent].find(([, { response }]) => response !== undefined && response === tag)?.[0] ?? 0;
    }
    const entry = this.#sent.get(key);
    this.#sent.delete(key);
    entry?.answer(frame, tag);
    return entry !== undefined;
  }

  /** The connection is lost: what was sent on it will not be answered, and whether it was carried out is not known. */
  lost(error: Error): void {
    const sent = [...this.#sent.values()];
    this.#sent.clear();
    for (const { fail } of sent) {
      fail(error);
    }
  }

  /** There will be no other connection: nothing waits any longer. */
  failAll(error: Error): void {
    this.lost(error);
    for (const fail of this.#fails) {
      fail(error);
    }
  }
}
