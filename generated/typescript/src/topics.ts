// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { topicAddress } from "./runtime/topic.js";

/** What names a topic `bars:{symbol}:{resolution}`. */
export interface BarsTopic {
  /** The instrument, as the exchange spells it. */
  readonly symbol: string;
  /**
   * The length of a bar; `D`, `W` and `M` are the same topics as `1D`, `1W` and `1M`.
   *
   * @defaultValue `"1"`
   */
  readonly resolution?: string;
}

/** What an address `bars:{symbol}:{resolution}` says, in the one spelling that the server uses. */
export interface BarsTopicParts {
  readonly symbol: string;
  readonly resolution: string;
}

/** Builds and parses `bars:{symbol}:{resolution}`. */
export const barsTopic = topicAddress<BarsTopic, BarsTopicParts>(
  "bars:{symbol}:{resolution}",
  [
    {
      name: "symbol",
      key: "symbol",
      pattern: "^[A-Za-z0-9][A-Za-z0-9._/-]{0,31}$",
    },
    {
      name: "resolution",
      key: "resolution",
      pattern: "^([1-9][0-9]{0,3}|([1-9][0-9]{0,3})?[SDWM])$",
      default: "1",
      aliases: { D: "1D", W: "1W", M: "1M", S: "1S" },
    },
  ],
);

/** An address taken apart: which channel, and which of its topics. */
export type ParsedAddress =
  | { readonly channel: "bars"; readonly parameters: BarsTopicParts };

/** Takes any topic's address apart; undefined where it is none of this contract's. */
export function parseTopic(address: string): ParsedAddress | undefined {
  const barsParts = barsTopic.parse(address);
  if (barsParts) {
    return { channel: "bars", parameters: barsParts };
  }
  return undefined;
}
