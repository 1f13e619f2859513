import { computed, getCurrentInstance, inject, onMounted, provide, shallowRef, toValue, watch } from "vue";
import type { App, ComputedRef, InjectionKey, MaybeRefOrGetter } from "vue";

import type { Source } from "./persist.js";
import { connectionState, topicKey, topicView, watchConnection, watchTopic } from "./store.js";
import type { SubscribeOptions, Subscription } from "./subscriptions.js";
import type { AnyView, ConnectionState, Kind } from "./view.js";

/** Each field of a view as a ref of its own. */
export type Refs<View> = { readonly [Field in Extract<keyof View, string>]: ComputedRef<View[Field]> };

/** Hands a client to the components below. */
export interface ClientContext<Client> {
  /** Within `setup`, or for a whole app. */
  provide(client: Client, app?: App): void;
  /** The client that was provided; throws where none was. */
  use(): Client;
}

/** `provider` is the name of the function that was not called where there is no client. */
export function clientContext<Client>(provider: string): ClientContext<Client> {
  const key: InjectionKey<Client> = Symbol(provider);
  return {
    provide: (client, app) => void (app ? app.provide(key, client) : provide(key, client)),
    use: () => {
      const client = inject(key, undefined);
      if (client === undefined) {
        throw new Error(`There is no client here: call ${provider}(client) in a component above, or for the app`);
      }
      return client;
    },
  };
}

/** What the topic named by a selection shows; no topic while the selection is null or undefined. */
export function useTopic<Client extends Source, Selection extends object, Body, Data>(
  client: Client,
  name: string,
  selection: MaybeRefOrGetter<Selection | null | undefined>,
  kind: Kind<Body, Data>,
  join: (client: Client, selection: Selection, options: SubscribeOptions) => Promise<Subscription<Body>>,
): Refs<AnyView<Data>> {
  const key = computed(() => topicKey(name, toValue(selection), kind.limit));
  const mounted = whenMounted();
  const changes = shallowRef(0);
  const changed = (): void => void (changes.value += 1);
  watch(
    () => (mounted.value ? key.value : undefined),
    (chosen, _, leave) => {
      const given = toValue(selection);
      if (chosen !== undefined && given) {
        leave(watchTopic(client, chosen, kind, (options) => join(client, given, options), changed));
        changed();
      }
    },
    { immediate: true },
  );
  // By the key of this moment rather than the one watched: never another topic's data, not even for a tick.
  const view = computed(() => {
    void changes.value;
    return mounted.value || key.value === undefined ? topicView(client, key.value, kind) : kind.loading;
  });
  return {
    status: computed(() => view.value.status),
    data: computed(() => view.value.data),
    error: computed(() => view.value.error),
    hole: computed(() => view.value.hole),
  };
}

/** The state of a client's connection. */
export function useConnection(client: Source): Refs<ConnectionState> {
  const mounted = whenMounted();
  const now = shallowRef<ConnectionState>({ state: "idle", reason: undefined });
  watch(
    mounted,
    (_, __, leave) => {
      if (mounted.value) {
        const changed = (): void => void (now.value = connectionState(client));
        leave(watchConnection(client, changed));
        changed();
      }
    },
    { immediate: true },
  );
  return { state: computed(() => now.value.state), reason: computed(() => now.value.reason) };
}

/** Whether there is something to keep alive: not while a server renders, nor before the page has taken that over. */
function whenMounted(): { readonly value: boolean } {
  const mounted = shallowRef(!getCurrentInstance());
  if (!mounted.value) {
    onMounted(() => void (mounted.value = true));
  }
  return mounted;
}
