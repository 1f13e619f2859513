import { guard } from "./emitter.js";
import type { Reporter } from "./emitter.js";
import type { RequestOptions } from "./pending.js";
import { Queue } from "./queue.js";
import type { BufferOptions } from "./queue.js";

/** Called with the body of each update, and with the whole frame around it. */
export type UpdateListener<Body, Update> = (body: Body, update: Update) => void | Promise<void>;

/** Updates of a topic that this client has missed and will not get. */
export interface Hole {
  readonly topic: string;
  /**
   * What came before: the connection was lost, a number was left out, what was held proved wrong, or the server began
   * the topic anew; then all that came before is void.
   */
  readonly reason: "reconnect" | "gap" | "checksum" | "reset";
  /** The number of the last update before the hole, where it is known. */
  readonly after: number | undefined;
  /** The number of the last update in the hole, where it is known; below `after` where the server has begun anew. */
  readonly seq: number | undefined;
}

export interface SubscribeOptions extends RequestOptions, BufferOptions {
  /** Gives the request up, or ends the subscription when it has begun. */
  signal?: AbortSignal | undefined;
  /** Hears of updates that were missed and cannot be had any more. */
  onHole?: ((hole: Hole) => void) | undefined;
}

/** One listener's share of a topic. */
export interface Subscription<Body> extends AsyncIterable<Body> {
  /** The topic's address, as the server named it. */
  readonly topic: string;
  /** Whether updates may still come; also while the connection is lost, and on its way back. */
  readonly active: boolean;
  /** The body of the topic's last update, where there is one: of this subscription, or of those before it. */
  readonly latest: Body | undefined;
  /**
   * Updates as they arrive. Without a listener they are kept from the moment of subscribing, with one from the
   * moment of iterating. Goes on over lost connections. Ends after `unsubscribe()` and `close()`; throws
   * `ConnectionClosedError` when the client is closed for another reason, `RequestError` when the server does not
   * serve the topic any more, or not to this client.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Body>;
  /** Stops the updates at once. The server is told when nobody else here listens to the topic. Never rejects. */
  unsubscribe(): Promise<void>;
}

/** What a subscription is of. */
export interface Source extends Reporter {
  readonly name: string;
  readonly latest: unknown;
  leave(subscriber: Subscriber): Promise<void> | undefined;
}

/** What the connection holds of a subscription. */
export class Subscriber implements Subscription<unknown> {
  readonly #source: Source;
  readonly #options: SubscribeOptions;
  readonly #listener: UpdateListener<unknown, unknown> | undefined;
  readonly #queues = new Set<Queue<unknown>>();
  readonly #abort = (): void => void this.unsubscribe();
  #unread: Queue<unknown> | undefined;
  #ended = false;
  #error: Error | undefined;

  constructor(
    source: Source,
    listener: UpdateListener<never, never> | undefined,
    options: SubscribeOptions,
  ) {
    this.#source = source;
    this.#listener = listener as UpdateListener<unknown, unknown> | undefined;
    this.#options = options;
    this.#unread = listener ? undefined : this.#queue();
    options.signal?.addEventListener("abort", this.#abort);
  }

  get topic(): string {
    return this.#source.name;
  }

  get active(): boolean {
    return !this.#ended;
  }

  get latest(): unknown {
    return this.#source.latest;
  }

  async unsubscribe(): Promise<void> {
    if (!this.#ended) {
      this.end();
      await this.#source.leave(this);
    }
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<unknown> {
    const queue = this.#unread ?? this.#queue();
    this.#unread = undefined;
    if (this.#ended) {
      queue.end(this.#error);
    }
    return queue;
  }

  deliver(body: unknown, update: unknown): void {
    if (!this.#ended) {
      for (const queue of this.#queues) {
        queue.push(body);
      }
      guard(() => this.#listener?.(body, update), this.#source);
    }
  }

  /** Tells of a hole; whether anybody listens. */
  missed(hole: Hole): boolean {
    const { onHole } = this.#options;
    guard(() => onHole?.(hole), this.#source);
    return onHole !== undefined;
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#error = error;
    this.#options.signal?.removeEventListener("abort", this.#abort);
    for (const queue of this.#queues) {
      queue.end(error);
    }
  }

  #queue(): Queue<unknown> {
    const queue = new Queue<unknown>(this.#options, () => {
      this.#queues.delete(queue);
      if (!this.#listener && !this.#queues.size) {
        // Nobody is left who could read it.
        guard(() => this.unsubscribe(), this.#source);
      }
    });
    this.#queues.add(queue);
    return queue;
  }
}
