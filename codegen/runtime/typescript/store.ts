import type { Off } from "./emitter.js";
import { ConnectionClosedError, ResponseTimeoutError } from "./errors.js";
import type { SubscribeOptions, Subscription } from "./subscriptions.js";
import type { State } from "./transport.js";
import type { AnyView, ConnectionState, Kind } from "./view.js";

/** What is used of a client. */
export interface Source {
  readonly state: State;
  onState(listener: (state: State, reason: ConnectionClosedError | undefined) => void): Off;
}

/** Subscribes to a topic. */
export type Join<Body> = (options: SubscribeOptions) => Promise<Subscription<Body>>;

/** No screen shows more than one picture in such a time, in milliseconds. */
const FRAME_MS = 16;
const FIRST_RETRY_MS = 1000;
const LONGEST_RETRY_MS = 30_000;

/** A topic that components show: subscribed to while anybody does, one view for all of them. */
class TopicStore<Body, Data> {
  view: AnyView<Data>;
  readonly #client: Source;
  readonly #kind: Kind<Body, Data>;
  readonly #join: Join<Body>;
  readonly #watchers = new Set<{ changed: () => void }>();
  readonly #left = new AbortController();
  #next: AnyView<Data>;
  #frame: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(client: Source, kind: Kind<Body, Data>, join: Join<Body>) {
    this.#client = client;
    this.#kind = kind;
    this.#join = join;
    this.view = this.#next = kind.loading;
    void this.#run(this.#left.signal);
  }

  /** `empty` is called when nobody has watched for a moment: who comes back at once finds all as it was. */
  watch(changed: () => void, empty: () => void): Off {
    const watcher = { changed };
    this.#watchers.add(watcher);
    return () => {
      this.#watchers.delete(watcher);
      setTimeout(() => {
        if (this.#watchers.size === 0 && !this.#left.signal.aborted) {
          this.#left.abort();
          clearTimeout(this.#frame);
          empty();
        }
      });
    };
  }

  async #run(left: AbortSignal): Promise<void> {
    while (!left.aborted) {
      let error: unknown = new ConnectionClosedError(1000, "closed by this client", false);
      let subscription: Subscription<Body> | undefined;
      const leave = (): void => void subscription?.unsubscribe().catch(() => {});
      left.addEventListener("abort", leave);
      try {
        subscription = await this.#join({
          signal: left,
          buffer: this.#kind.limit,
          overflow: "drop-oldest",
          onHole: (hole) => this.#set({ hole }),
        });
        if (left.aborted) {
          leave();
        }
        await this.#read(subscription);
      } catch (caught) {
        error = caught;
      }
      left.removeEventListener("abort", leave);
      if (!left.aborted) {
        await this.#failed(error as Error, subscription !== undefined, left);
      }
    }
  }

  async #read(subscription: Subscription<Body>): Promise<void> {
    const { loading, add } = this.#kind;
    this.#failures = 0;
    // Whatever was there before goes: what would have come between is not known.
    let { data } = loading;
    this.#set({ ...loading, status: data === undefined ? "loading" : "live" });
    for await (const body of subscription) {
      data = add(data, body);
      this.#set({ status: "live", data });
    }
  }

  /** Shows why, and waits until it is time for another attempt. */
  async #failed(error: Error, ended: boolean, left: AbortSignal): Promise<void> {
    const { retryable, retryAfterMs } = error as { retryable?: boolean; retryAfterMs?: number };
    const again = retryable || error instanceof ResponseTimeoutError;
    this.#set({ status: again && !ended ? "loading" : "error", error });
    const backoff = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#failures++);
    const lost = error instanceof ConnectionClosedError && this.#client.state !== "open";
    await pause(this.#client, again && !lost ? (retryAfterMs ?? backoff * (0.5 + Math.random() / 2)) : undefined, left);
  }

  /** Changes what is shown: now, or with all else that comes within the frame. */
  #set(change: Partial<AnyView<Data>>): void {
    const next = { ...this.#next, ...change };
    const same = Object.entries(next).every(([key, value]) => value === this.#next[key as keyof AnyView<Data>]);
    this.#next = same ? this.#next : next;
    if (!same && this.#frame === undefined && !this.#left.signal.aborted) {
      this.#show();
    }
  }

  #show(): void {
    this.view = this.#next;
    this.#frame = setTimeout(() => {
      this.#frame = undefined;
      if (this.view !== this.#next) {
        this.#show();
      }
    }, FRAME_MS);
    for (const { changed } of [...this.#watchers]) {
      changed();
    }
  }
}

/** Resolves after a time, if one is given, when the client's connection is next open, or when it is of no use. */
function pause(client: Source, ms: number | undefined, useless: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      clearTimeout(timer);
      off();
      useless.removeEventListener("abort", done);
      resolve();
    };
    const timer = ms === undefined ? undefined : setTimeout(done, ms);
    const off = client.onState((state) => state === "open" && done());
    useless.addEventListener("abort", done);
  });
}

const stores = new WeakMap<Source, Map<string, TopicStore<unknown, unknown>>>();

/** Names what a hook shows, the same for all hooks that show the same; undefined where nothing is chosen. */
export function topicKey(name: string, selection: object | null | undefined, limit: number): string | undefined {
  const sorted = Object.entries(selection ?? {}).sort(([one], [other]) => (one < other ? -1 : 1));
  return selection ? JSON.stringify([name, limit, ...sorted]) : undefined;
}

/** What is known of a topic now; the same object until `changed` of one who watches it is called. */
export function topicView<Body, Data>(client: Source, key: string | undefined, kind: Kind<Body, Data>): AnyView<Data> {
  if (key === undefined) {
    return kind.idle;
  }
  return (stores.get(client)?.get(key)?.view ?? kind.loading) as AnyView<Data>;
}

/** Keeps a topic subscribed to, and tells when its view has changed. */
export function watchTopic<Body, Data>(
  client: Source,
  key: string,
  kind: Kind<Body, Data>,
  join: Join<Body>,
  changed: () => void,
): Off {
  const topics = stores.get(client) ?? new Map<string, TopicStore<unknown, unknown>>();
  stores.set(client, topics);
  const store = topics.get(key) ?? (new TopicStore(client, kind, join) as unknown as TopicStore<unknown, unknown>);
  topics.set(key, store);
  return store.watch(changed, () => topics.delete(key));
}

const connections = new WeakMap<Source, ConnectionState>();

/** The state of a client's connection; the same object until it changes. */
export function connectionState(client: Source, reason?: ConnectionClosedError): ConnectionState {
  const { state } = client;
  const known = connections.get(client);
  if (known?.state === state && (reason === undefined || known.reason === reason)) {
    return known;
  }
  const now = { state, reason };
  connections.set(client, now);
  return now;
}

export function watchConnection(client: Source, changed: () => void): Off {
  return client.onState((_, reason) => {
    connectionState(client, reason);
    changed();
  });
}
