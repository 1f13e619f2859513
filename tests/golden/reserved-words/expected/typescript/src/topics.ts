// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { topicAddress } from "./runtime/topic.js";

/** What names a topic `class:{import}`. */
export interface ClassTopic {
  readonly import_: string;
}

/** What an address `class:{import}` says, in the one spelling that the server uses. */
export interface ClassTopicParts {
  readonly import_: string;
}

/** Builds and parses `class:{import}`. */
export const classTopic = topicAddress<ClassTopic, ClassTopicParts>(
  "class:{import}",
  [
    {
      name: "import",
      key: "import_",
    },
  ],
);

/** An address taken apart: which channel, and which of its topics. */
export type ParsedAddress =
  | { readonly channel: "class"; readonly parameters: ClassTopicParts };

/** Takes any topic's address apart; undefined where it is none of this contract's. */
export function parseTopic(address: string): ParsedAddress | undefined {
  const classParts = classTopic.parse(address);
  if (classParts) {
    return { channel: "class", parameters: classParts };
  }
  return undefined;
}
