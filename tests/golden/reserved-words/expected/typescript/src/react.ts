// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

"use client";

import type { ReactElement } from "react";

import type { ReservedWordsClient } from "./client.js";
import type * as models from "./models.js";
import { clientContext, useConnection, useTopic } from "./runtime/react.js";
import type { ProviderProps } from "./runtime/react.js";
import { latestKind } from "./runtime/view.js";
import type { ConnectionState, Latest } from "./runtime/view.js";

export type { ConnectionState, Latest } from "./runtime/view.js";

const context = /* @__PURE__ */ clientContext<ReservedWordsClient>("ReservedWordsProvider");

/** Hands a client to all hooks below. It is neither opened nor closed here: it connects with the first hook. */
export function ReservedWordsProvider(props: ProviderProps<ReservedWordsClient>): ReactElement {
  return context.provide(props);
}

/** The client that `ReservedWordsProvider` was given; throws outside of one. */
export function useReservedWordsClient(): ReservedWordsClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): ConnectionState {
  return useConnection(useReservedWordsClient());
}

/**
 * Channel `class:{import}`.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useClass(
  selection: models.ClassSubscribePayload | null | undefined,
): Latest<models.ClassReturnPayload> {
  const view = useTopic(
    useReservedWordsClient(),
    "class",
    selection,
    latestKind<models.ClassReturnPayload>(),
    (client, chosen, options) => client.class.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.ClassReturnPayload>;
}
