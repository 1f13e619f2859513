// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

"use client";

import type { ReactElement } from "react";

import type { SoundingsClient } from "./client.js";
import type * as models from "./models.js";
import { clientContext, useConnection, useTopic } from "./runtime/react.js";
import type { ProviderProps } from "./runtime/react.js";
import { keyedKind, latestKind } from "./runtime/view.js";
import type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";

export type { ConnectionState, Latest, Tape, TapeOptions } from "./runtime/view.js";

const context = /* @__PURE__ */ clientContext<SoundingsClient>("SoundingsProvider");

/** Hands a client to all hooks below. It is neither opened nor closed here: it connects with the first hook. */
export function SoundingsProvider(props: ProviderProps<SoundingsClient>): ReactElement {
  return context.provide(props);
}

/** The client that `SoundingsProvider` was given; throws outside of one. */
export function useSoundingsClient(): SoundingsClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): ConnectionState {
  return useConnection(useSoundingsClient());
}

/**
 * The wind by height.
 *
 * Shows all that the topic holds. Nothing is subscribed to while `selection` is null or undefined. All
 * components that show the same share one subscription.
 */
export function useBalloon(
  selection: models.SoundingSubscribeBody | null | undefined,
): Latest<models.Winds> {
  const view = useTopic(
    useSoundingsClient(),
    "sounding",
    selection,
    latestKind<models.Winds>(),
    (client, chosen, options) => client.sounding.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.Winds>;
}

/**
 * For clients with `ticket` (bearer token, JWT) or `badge` (API key in the header X-Badge).
 *
 * Shows the latest update of each `place`, the greatest first; as many as the option `limit` says, 100 if it
 * does not. All components that show the same share one subscription.
 */
export function useAlarm(
  options?: TapeOptions,
): Tape<models.AlarmUpdateBody> {
  const view = useTopic(
    useSoundingsClient(),
    "alarm",
    {},
    keyedKind<models.AlarmUpdateBody>("place", options),
    (client, _, options) => client.alarm.subscribe(undefined, options),
  );
  return view as Tape<models.AlarmUpdateBody>;
}

/**
 * Channel `outlook`.
 *
 * Shows the latest update. All components that show the same share one subscription.
 */
export function useOutlook(
): Latest<models.OutlookUpdateBody> {
  const view = useTopic(
    useSoundingsClient(),
    "outlook",
    {},
    latestKind<models.OutlookUpdateBody>(),
    (client, _, options) => client.outlook.subscribe(undefined, options),
  );
  return view as Latest<models.OutlookUpdateBody>;
}
