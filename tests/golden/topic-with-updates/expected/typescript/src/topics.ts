// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { topicAddress } from "./runtime/topic.js";

/** What names a topic `weather/{station}`. */
export interface WeatherChannelTopic {
  /** The station's short name. */
  readonly station: string;
}

/** What an address `weather/{station}` says, in the one spelling that the server uses. */
export interface WeatherChannelTopicParts {
  readonly station: string;
}

/** Builds and parses `weather/{station}`. */
export const weatherTopic = topicAddress<WeatherChannelTopic, WeatherChannelTopicParts>(
  "weather/{station}",
  [
    {
      name: "station",
      key: "station",
      pattern: "^[a-z]+$",
      aliases: { lon: "london" },
    },
  ],
);

/** An address taken apart: which channel, and which of its topics. */
export type ParsedAddress =
  | { readonly channel: "weather"; readonly parameters: WeatherChannelTopicParts };

/** Takes any topic's address apart; undefined where it is none of this contract's. */
export function parseTopic(address: string): ParsedAddress | undefined {
  const weatherParts = weatherTopic.parse(address);
  if (weatherParts) {
    return { channel: "weather", parameters: weatherParts };
  }
  return undefined;
}
