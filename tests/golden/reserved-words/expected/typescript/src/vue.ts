// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type { App, MaybeRefOrGetter } from "vue";

import type { ReservedWordsClient } from "./client.js";
import type * as models from "./models.js";
import { latestKind } from "./runtime/view.js";
import type { ConnectionState, Latest } from "./runtime/view.js";
import { clientContext, useConnection, useTopic } from "./runtime/vue.js";
import type { Refs } from "./runtime/vue.js";

export type { ConnectionState, Latest } from "./runtime/view.js";
export type { Refs } from "./runtime/vue.js";

const context = /* @__PURE__ */ clientContext<ReservedWordsClient>("provideReservedWordsClient");

/**
 * Hands a client to all components below this one, or to those of an app. It is neither opened nor closed here: it
 * connects with the first use.
 */
export function provideReservedWordsClient(client: ReservedWordsClient, app?: App): void {
  context.provide(client, app);
}

/** The client that `provideReservedWordsClient` was given; throws where it was not called. */
export function useReservedWordsClient(): ReservedWordsClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): Refs<ConnectionState> {
  return useConnection(useReservedWordsClient());
}

/**
 * Channel `class:{import}`.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useClass(
  selection: MaybeRefOrGetter<models.ClassSubscribePayload | null | undefined>,
): Refs<Latest<models.ClassReturnPayload>> {
  const view = useTopic(
    useReservedWordsClient(),
    "class",
    selection,
    latestKind<models.ClassReturnPayload>(),
    (client, chosen, options) => client.class.subscribe(chosen, undefined, options),
  );
  return view as Refs<Latest<models.ClassReturnPayload>>;
}
