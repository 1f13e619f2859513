import { BufferOverflowError } from "./errors.js";

/** How an iteration keeps what nobody has read yet. */
export interface BufferOptions {
  /** How many items are kept for a slow reader; 1024 if not given. */
  buffer?: number | undefined;
  /** When the buffer is full: end the iteration with `BufferOverflowError` (default), or forget the oldest item. */
  overflow?: "error" | "drop-oldest" | undefined;
}

/** What has arrived and was not read yet: pushed on one side, iterated on the other. */
export class Queue<T> implements AsyncIterableIterator<T> {
  readonly #items: T[] = [];
  readonly #readers: { resolve: (result: IteratorResult<T>) => void; reject: (error: Error) => void }[] = [];
  readonly #limit: number;
  readonly #dropOldest: boolean;
  readonly #left: (queue: Queue<T>) => void;
  #ended = false;
  #error: Error | undefined;

  constructor(options: BufferOptions, left: (queue: Queue<T>) => void) {
    this.#limit = options.buffer ?? 1024;
    this.#dropOldest = options.overflow === "drop-oldest";
    this.#left = left;
  }

  push(value: T): void {
    const reader = this.#readers.shift();
    if (reader) {
      reader.resolve({ value, done: false });
      return;
    }
    if (this.#items.length >= this.#limit) {
      if (!this.#dropOldest) {
        this.end(new BufferOverflowError(`More than ${this.#limit} items wait to be read`));
        return;
      }
      this.#items.shift();
    }
    this.#items.push(value);
  }

  /** What is buffered can still be read; after it, the iteration ends, or throws `error` once. */
  end(error?: Error): void {
    if (this.#ended) {
      return;
    }
    this.#ended = true;
    this.#error = error;
    this.#left(this);
    for (const reader of this.#readers.splice(0)) {
      this.next().then(reader.resolve, reader.reject);
    }
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#items.length > 0) {
      return Promise.resolve({ value: this.#items.shift() as T, done: false });
    }
    if (this.#ended) {
      const error = this.#error;
      this.#error = undefined;
      return error ? Promise.reject(error) : Promise.resolve({ value: undefined, done: true });
    }
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }));
  }

  return(): Promise<IteratorResult<T>> {
    this.#items.length = 0;
    this.end();
    this.#error = undefined;
    return this.next();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
