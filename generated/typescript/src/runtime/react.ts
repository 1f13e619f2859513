import { createContext, createElement, useCallback, useContext, useSyncExternalStore } from "react";
import type { ReactElement, ReactNode } from "react";

import type { Source } from "./persist.js";
import { connectionState, topicKey, topicView, watchConnection, watchTopic } from "./store.js";
import type { SubscribeOptions, Subscription } from "./subscriptions.js";
import type { AnyView, ConnectionState, Kind } from "./view.js";

/** What a provider component is given. */
export interface ProviderProps<Client> {
  readonly client: Client;
  readonly children?: ReactNode;
}

/** Hands a client to the components below. */
export interface ClientContext<Client> {
  provide(props: ProviderProps<Client>): ReactElement;
  /** The client that was provided; throws where none was. */
  use(): Client;
}

/** `provider` is the name of the component that is missing where there is no client. */
export function clientContext<Client>(provider: string): ClientContext<Client> {
  const context = createContext<Client | undefined>(undefined);
  return {
    provide: ({ client, children }) => createElement(context.Provider, { value: client }, children),
    use: () => {
      const client = useContext(context);
      if (client === undefined) {
        throw new Error(`There is no <${provider} client={…}> around this component`);
      }
      return client;
    },
  };
}

/** What the topic named by a selection shows; no topic while the selection is null or undefined. */
export function useTopic<Client extends Source, Selection extends object, Body, Data>(
  client: Client,
  name: string,
  selection: Selection | null | undefined,
  kind: Kind<Body, Data>,
  join: (client: Client, selection: Selection, options: SubscribeOptions) => Promise<Subscription<Body>>,
): AnyView<Data> {
  const key = topicKey(name, selection, kind.limit);
  const watch = useCallback(
    // The key says all there is to say of the selection: another object that means the same changes nothing.
    (changed: () => void) =>
      key !== undefined && selection
        ? watchTopic(client, key, kind, (options) => join(client, selection, options), changed)
        : () => {},
    [client, key],
  );
  return useSyncExternalStore(
    watch,
    () => topicView(client, key, kind),
    () => (key === undefined ? kind.idle : kind.loading),
  );
}

const UNCONNECTED: ConnectionState = { state: "idle", reason: undefined };

/** The state of a client's connection. */
export function useConnection(client: Source): ConnectionState {
  const watch = useCallback((changed: () => void) => watchConnection(client, changed), [client]);
  return useSyncExternalStore(
    watch,
    () => connectionState(client),
    () => UNCONNECTED,
  );
}
