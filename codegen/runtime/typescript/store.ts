import type { Off } from "./emitter.js";
import type { ConnectionClosedError } from "./errors.js";
import { persist } from "./persist.js";
import type { Source } from "./persist.js";
import type { Hole, SubscribeOptions, Subscription } from "./subscriptions.js";
import type { AnyView, ConnectionState, Kind } from "./view.js";

/** Subscribes to a topic. */
export type Join<Body> = (options: SubscribeOptions) => Promise<Subscription<Body>>;

/** No screen shows more than one picture in such a time, in milliseconds. */
const FRAME_MS = 16;

/** A topic that components show: subscribed to while anybody does, one view for all of them. */
class TopicStore<Body, Data> {
  view: AnyView<Data>;
  readonly #kind: Kind<Body, Data>;
  readonly #join: Join<Body>;
  readonly #watchers = new Set<{ changed: () => void }>();
  readonly #left = new AbortController();
  #next: AnyView<Data>;
  #frame: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Source, kind: Kind<Body, Data>, join: Join<Body>) {
    this.#kind = kind;
    this.#join = join;
    this.view = this.#next = kind.loading;
    void persist(
      client,
      this.#left.signal,
      (begun) => this.#read(begun),
      (error, again) => this.#set(again ? { ...kind.loading, error } : { status: "error", error }),
    );
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

  async #read(begun: () => void): Promise<void> {
    const { loading, add } = this.#kind;
    let { data } = loading;
    const empty = (hole?: Hole): void => {
      ({ data } = loading);
      this.#set({ ...loading, hole, status: data === undefined ? "loading" : "live" });
    };
    const subscription = await this.#join({
      signal: this.#left.signal,
      overflow: "drop-oldest",
      onHole: (hole) => (hole.reason === "reset" ? empty(hole) : this.#set({ hole })),
    });
    begun();
    // Whatever was there before goes: what would have come between is not known.
    empty();
    for await (const body of subscription) {
      // Nothing is the latest after a reset: what was on its way is void.
      if (subscription.latest !== undefined) {
        data = add(data, body);
        this.#set({ status: "live", data });
      }
    }
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

const stores = new WeakMap<Source, Map<string, TopicStore<unknown, unknown>>>();

/** Names what a hook shows, the same for all hooks that show the same; undefined where nothing is chosen. */
export function topicKey(name: string, selection: object | null | undefined, limit: number): string | undefined {
  const given = Object.entries(selection ?? {}).filter(([, value]) => value !== undefined);
  return selection ? JSON.stringify([name, limit, ...given.sort(([one], [other]) => (one < other ? -1 : 1))]) : undefined;
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
