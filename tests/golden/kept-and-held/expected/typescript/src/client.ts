// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection } from "./runtime/connection.js";
import type { Off } from "./runtime/emitter.js";
import type { RequestOptions } from "./runtime/pending.js";
import type { Protocol, TopicProtocol } from "./runtime/protocol.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";

const PROTOCOL: Protocol = {
  type: "kind",
  payload: "body",
  id: "ref",
  topic: "topic",
  seq: "n",
  seqFrom: "first",
  epoch: "life",
  snapshot: "whole",
  checksum: "sum",
  recover: "since",
  recovered: "gapless",
  refused: (payload) => payload["status"] === "error",
  error: "problem",
  events: ["anew", "over"],
  reset: "anew",
  close: "over",
  stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000),
  authenticate: { exchange: ["login"], token: "ticket", expires: "lasts" },
};

const SOUNDING_TOPIC: TopicProtocol = {
  subscribe: ["sounding.subscribe"],
  updates: ["sounding.update"],
  address: (selection) => `sounding/${selection["station"]}/${selection["layers"] ?? "5"}`,
  snapshot: "subscribe",
  latest: true,
  state: { key: "metres", value: "knots", lists: [["air", -1], ["up-draft", 1]], checksum: 3 },
};

const ALARM_TOPIC: TopicProtocol = {
  subscribe: ["alarm.subscribe"],
  updates: ["alarm.update"],
  address: () => `alarm`,
  snapshot: "recover",
  latest: true,
};

const OUTLOOK_TOPIC: TopicProtocol = {
  subscribe: ["outlook.subscribe"],
  updates: ["outlook.update"],
  address: () => `outlook`,
  snapshot: "subscribe",
};

/**
 * The wind by height.
 *
 * For clients whose `ticket` (bearer token, JWT) has the scopes `winds:read`, `live` and names the topic's
 * `station`.
 *
 * Channel `sounding/{station}/{layers}`.
 */
class SoundingChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Message `sounding.subscribe`.
   *
   * `listener` gets, with each update, all that is there now, and the message that brought the change.
   * Without one, iterate the subscription.
   */
  subscribe(
    selection: models.SoundingSubscribeBody,
    listener?: UpdateListener<models.Winds, models.SoundingUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Winds>> {
    return this.#connection.subscribe(
      SOUNDING_TOPIC,
      selection,
      undefined,
      listener,
      options,
    );
  }
}

/**
 * For clients with `ticket` (bearer token, JWT) or `badge` (API key in the header X-Badge).
 *
 * Channel `alarm`.
 */
class AlarmChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Message `alarm.subscribe`.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    listener?: UpdateListener<models.AlarmUpdateBody, models.AlarmUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.AlarmUpdateBody>> {
    return this.#connection.subscribe(
      ALARM_TOPIC,
      undefined,
      undefined,
      listener,
      options,
    );
  }
}

/** Channel `outlook`. */
class OutlookChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Message `outlook.subscribe`.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    listener?: UpdateListener<models.OutlookUpdateBody, models.OutlookUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.OutlookUpdateBody>> {
    return this.#connection.subscribe(
      OUTLOOK_TOPIC,
      undefined,
      undefined,
      listener,
      options,
    );
  }
}

/** Channel `session`. */
class SessionChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Message `login`. */
  login(
    payload: models.LoginBody,
    options?: RequestOptions,
  ): Promise<models.Welcome> {
    return this.#connection.request(["login"], payload, options);
  }

  /** A topic begins anew. */
  onAnew(listener: (message: models.Anew) => void): Off {
    return this.#connection.on("anew", listener);
  }

  /** A topic is taken away. */
  onOver(listener: (message: models.Over) => void): Off {
    return this.#connection.on("over", listener);
  }
}

/** What balloons measure, kept for those who come back. */
export class SoundingsClient extends Client {
  /**
   * The wind by height.
   *
   * For clients whose `ticket` (bearer token, JWT) has the scopes `winds:read`, `live` and names the topic's
   * `station`.
   */
  readonly sounding = new SoundingChannel(this.connection);

  /** For clients with `ticket` (bearer token, JWT) or `badge` (API key in the header X-Badge). */
  readonly alarm = new AlarmChannel(this.connection);

  /** Channel `outlook`. */
  readonly outlook = new OutlookChannel(this.connection);

  /** Channel `session`. */
  readonly session = new SessionChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}

export type {
  SoundingChannel,
  AlarmChannel,
  OutlookChannel,
  SessionChannel,
};
