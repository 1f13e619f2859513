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
  readonly #readers: ((result: IteratorResult<T> | Promise<IteratorResult<T>>) => void)[] = [];
  readonly #options: BufferOptions;
  readonly #left: (queue: Queue<T>) => void;
  #ended = false;
  #error: Error | undefined;

  constructor(options: BufferOptions, left: (queue: Queue<T>) => void) {
    this.#options = options;
    this.#left = left;
  }

  push(value: T): void {
    const { buffer = 1024, overflow } = this.#options;
    const reader = this.#readers.shift();
    if (reader) {
      reader({ value, done: false });
    } else if (this.#items.length < buffer) {
      this.#items.push(value);
    } else if (overflow === "drop-oldest") {
      this.#items.push(value);
      this.#items.shift();
    } else {
      this.end(new BufferOverflowError(`${buffer} items wait already`));
    }
  }

  /** What is buffered can still be read; after it, the iteration ends, or throws `error` once. */
  end(error?: Error): void {
    if (!this.#ended) {
      this.#ended = true;
      this.#error = error;
      this.#left(this);
      for (const reader of this.#readers) {
        reader(this.next());
      }
    }
  }

  async next(): Promise<IteratorResult<T>> {
    if (this.#items.length) {
      return { value: this.#items.shift() as T, done: false };
    }
    if (!this.#ended) {
      return new Promise((resolve) => this.#readers.push(resolve));
    }
    const error = this.#error;
    this.#error = undefined;
    if (error) {
      throw error;
    }
    return { value: undefined, done: true };
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
