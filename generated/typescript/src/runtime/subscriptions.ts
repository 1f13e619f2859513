import { guard } from "./emitter.js";
import type { ConnectionClosedError } from "./errors.js";
import type { RequestOptions } from "./pending.js";
import { Queue } from "./queue.js";
import type { BufferOptions } from "./queue.js";

/** Called with the body of each update, and with the whole frame around it. */
export type UpdateListener<Body, Update> = (body: Body, update: Update) => void | Promise<void>;

export interface SubscribeOptions extends RequestOptions, BufferOptions {}

/** One listener's share of a topic. */
export interface Subscription<Body> extends AsyncIterable<Body> {
  /** The topic's address, as the server named it. */
  readonly topic: string;
  /** Whether updates may still come. */
  readonly active: boolean;
  /**
   * Updates as they arrive. Without a listener they are kept from the moment of subscribing, with one from the
   * moment of iterating. Ends after `unsubscribe()`; throws `ConnectionClosedError` when the connection is lost.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Body>;
  /** Stops the updates at once. The server is told when nobody else here listens to the topic. */
  unsubscribe(): Promise<void>;
}

/** What the connection holds of a subscription. */
export class Subscriber<Body, Update> implements Subscription<Body> {
  readonly topic: string;
  readonly #listener: UpdateListener<Body, Update> | undefined;
  readonly #options: BufferOptions;
  readonly #leave: (subscriber: Subscriber<Body, Update>) => Promise<void>;
  readonly #failed: (error: unknown) => void;
  readonly #queues = new Set<Queue<Body>>();
  #unread: Queue<Body> | undefined;
  #ended = false;
  #error: Error | undefined;

  constructor(
    topic: string,
    listener: UpdateListener<Body, Update> | undefined,
    options: BufferOptions,
    leave: (subscriber: Subscriber<Body, Update>) => Promise<void>,
    failed: (error: unknown) => void,
  ) {
    this.topic = topic;
    this.#listener = listener;
    this.#options = options;
    this.#leave = leave;
    this.#failed = failed;
    this.#unread = listener ? undefined : this.#queue();
  }

  get active(): boolean {
    return !this.#ended;
  }

  async unsubscribe(): Promise<void> {
    if (!this.#ended) {
      this.end();
      await this.#leave(this);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<Body> {
    const queue = this.#unread ?? this.#queue();
    this.#unread = undefined;
    if (this.#ended) {
      queue.end(this.#error);
    }
    return queue;
  }

  deliver(body: Body, update: Update): void {
    for (const queue of this.#queues) {
      queue.push(body);
    }
    const listener = this.#listener;
    if (listener) {
      guard(() => listener(body, update), this.#failed);
    }
  }

  end(error?: ConnectionClosedError): void {
    this.#ended = true;
    this.#error = error;
    for (const queue of [...this.#queues]) {
      queue.end(error);
    }
  }

  #queue(): Queue<Body> {
    const queue = new Queue<Body>(this.#options, () => this.#queues.delete(queue));
    this.#queues.add(queue);
    return queue;
  }
}
