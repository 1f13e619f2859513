// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

"use client";

import type { ReactElement } from "react";

import type { WeatherClient } from "./client.js";
import type * as models from "./models.js";
import { clientContext, useConnection, useTopic } from "./runtime/react.js";
import type { ProviderProps } from "./runtime/react.js";
import { latestKind } from "./runtime/view.js";
import type { ConnectionState, Latest } from "./runtime/view.js";

export type { ConnectionState, Latest } from "./runtime/view.js";

const context = /* @__PURE__ */ clientContext<WeatherClient>("WeatherProvider");

/** Hands a client to all hooks below. It is neither opened nor closed here: it connects with the first hook. */
export function WeatherProvider(props: ProviderProps<WeatherClient>): ReactElement {
  return context.provide(props);
}

/** The client that `WeatherProvider` was given; throws outside of one. */
export function useWeatherClient(): WeatherClient {
  return context.use();
}

/** The state of the client's connection and, where it is not open, why it was lost. */
export function useConnectionState(): ConnectionState {
  return useConnection(useWeatherClient());
}

/**
 * The weather at a station.
 *
 * Shows the latest update. Nothing is subscribed to while `selection` is null or undefined. All components
 * that show the same share one subscription.
 */
export function useWeatherChannel(
  selection: models.Station | null | undefined,
): Latest<models.Weather> {
  const view = useTopic(
    useWeatherClient(),
    "weather",
    selection,
    latestKind<models.Weather>(),
    (client, chosen, options) => client.weather.subscribe(chosen, undefined, options),
  );
  return view as Latest<models.Weather>;
}
