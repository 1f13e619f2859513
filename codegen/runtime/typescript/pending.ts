import { ResponseTimeoutError } from "./errors.js";
import { DEFAULT_TIMEOUT_MS } from "./transport.js";
import type { Transport } from "./transport.js";

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
  /** Turns the answer into what the caller gets, or throws what the caller is to catch. */
  accept(frame: unknown, tag: unknown): T;
  /** Hears the answer to a request that was given up. */
  late?(frame: unknown): void;
}

interface Entry {
  readonly response: Tag | undefined;
  answer(frame: unknown, tag: unknown): void;
  fail(error: unknown): void;
}

/** The requests that wait for their answers. */
export class PendingRequests {
  readonly #transport: Transport;
  readonly #timeoutMs: number;
  readonly #entries = new Map<number, Entry>();
  #lastId = 0;

  constructor(transport: Transport, timeoutMs = DEFAULT_TIMEOUT_MS) {
    this.#transport = transport;
    this.#timeoutMs = timeoutMs;
  }

  /** Opens the connection where it is not, sends, and waits for the answer. */
  run<T>(call: Call<T>, options: RequestOptions = {}): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      const { signal, timeoutMs = this.#timeoutMs } = options;
      if (signal?.aborted) {
        reject(signal.reason);
        return;
      }
      const id = ++this.#lastId;
      let sent = false;
      let settled = false;
      const settle = (): void => {
        settled = true;
        clearTimeout(timer);
        signal?.removeEventListener("abort", abort);
      };
      const fail = (error: unknown): void => {
        settle();
        this.#entries.delete(id);
        reject(error);
      };
      const giveUp = (error: unknown): void => {
        settle();
        if (!sent || !call.late) {
          this.#entries.delete(id);
        }
        reject(error);
      };
      const abort = (): void => giveUp(signal?.reason);
      const timer = setTimeout(
        () => giveUp(new ResponseTimeoutError(`There was no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      signal?.addEventListener("abort", abort);
      this.#entries.set(id, {
        response: call.response,
        answer: (frame, tag) => {
          this.#entries.delete(id);
          if (settled) {
            // Given up, yet carried out: somebody has to undo it.
            call.late?.(frame);
            return;
          }
          settle();
          try {
            // Now rather than in a later turn: the next frame may already depend on it.
            resolve(call.accept(frame, tag));
          } catch (error) {
            reject(error);
          }
        },
        fail,
      });
      const send = (): void => {
        if (!settled) {
          sent = true;
          try {
            this.#transport.send(call.frame(id));
          } catch (error) {
            fail(error);
          }
        }
      };
      if (this.#transport.state === "open") {
        send();
      } else {
        this.#transport.open().then(send, fail);
      }
    });
  }

  /** Hands an answer to the request with its id; without one, to the oldest request that awaits such a tag. */
  settle(id: unknown, tag: unknown, frame: unknown): boolean {
    let entry: Entry | undefined;
    if (id === undefined || id === null) {
      entry = [...this.#entries.values()].find(({ response }) => response !== undefined && response === tag);
    } else {
      entry = this.#entries.get(Number(id));
    }
    entry?.answer(frame, tag);
    return entry !== undefined;
  }

  failAll(error: Error): void {
    for (const entry of [...this.#entries.values()]) {
      entry.fail(error);
    }
    this.#entries.clear();
  }
}
