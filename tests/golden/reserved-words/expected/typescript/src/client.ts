// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection } from "./runtime/connection.js";
import type { Protocol, TopicProtocol } from "./runtime/protocol.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";

const PROTOCOL: Protocol = {
  type: "type",
  payload: "payload",
  topic: "topic",
  refused: (payload) => payload["status"] === "error",
  error: "error",
  events: [],
  stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000),
};

const CLASS_TOPIC: TopicProtocol = {
  subscribe: ["class.subscribe"],
  updates: ["class.return"],
  address: (selection) => `class:${selection["import"]}`,
};

/** Channel `class:{import}`. */
class ClassChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Message `class.subscribe`.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.ClassSubscribePayload,
    listener?: UpdateListener<models.ClassReturnPayload, models.ClassReturn>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.ClassReturnPayload>> {
    return this.#connection.subscribe(
      CLASS_TOPIC,
      selection,
      undefined,
      listener,
      options,
    );
  }
}

/** Reserved words */
export class ReservedWordsClient extends Client {
  /** Channel `class:{import}`. */
  readonly class = new ClassChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}

export type {
  ClassChannel,
};
