// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { topicAddress } from "./runtime/topic.js";

/** What names a topic `sounding/{station}/{layers}`. */
export interface SoundingTopic {
  readonly station: string;
  /**
   * How many layers.
   *
   * @defaultValue `5`
   */
  readonly layers?: 5 | 50;
}

/** What an address `sounding/{station}/{layers}` says, in the one spelling that the server uses. */
export interface SoundingTopicParts {
  readonly station: string;
  readonly layers: 5 | 50;
}

/** Builds and parses `sounding/{station}/{layers}`. */
export const soundingTopic = topicAddress<SoundingTopic, SoundingTopicParts>(
  "sounding/{station}/{layers}",
  [
    {
      name: "station",
      key: "station",
    },
    {
      name: "layers",
      key: "layers",
      number: true,
      values: ["5", "50"],
      default: "5",
    },
  ],
);

/** What names a topic `alarm`. */
export interface AlarmTopic {}

/** What an address `alarm` says, in the one spelling that the server uses. */
export interface AlarmTopicParts {}

/** Builds and parses `alarm`. */
export const alarmTopic = topicAddress<AlarmTopic, AlarmTopicParts>(
  "alarm",
  [],
);

/** What names a topic `outlook`. */
export interface OutlookTopic {}

/** What an address `outlook` says, in the one spelling that the server uses. */
export interface OutlookTopicParts {}

/** Builds and parses `outlook`. */
export const outlookTopic = topicAddress<OutlookTopic, OutlookTopicParts>(
  "outlook",
  [],
);

/** An address taken apart: which channel, and which of its topics. */
export type ParsedAddress =
  | { readonly channel: "sounding"; readonly parameters: SoundingTopicParts }
  | { readonly channel: "alarm"; readonly parameters: AlarmTopicParts }
  | { readonly channel: "outlook"; readonly parameters: OutlookTopicParts };

/** Takes any topic's address apart; undefined where it is none of this contract's. */
export function parseTopic(address: string): ParsedAddress | undefined {
  const soundingParts = soundingTopic.parse(address);
  if (soundingParts) {
    return { channel: "sounding", parameters: soundingParts };
  }
  const alarmParts = alarmTopic.parse(address);
  if (alarmParts) {
    return { channel: "alarm", parameters: alarmParts };
  }
  const outlookParts = outlookTopic.parse(address);
  if (outlookParts) {
    return { channel: "outlook", parameters: outlookParts };
  }
  return undefined;
}
