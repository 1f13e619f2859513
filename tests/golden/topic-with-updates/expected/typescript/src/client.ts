// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection } from "./runtime/connection.js";
import { spelled } from "./runtime/protocol.js";
import type { Protocol, TopicProtocol } from "./runtime/protocol.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";

const PROTOCOL: Protocol = {
  type: "kind",
  payload: "body",
  id: "ref",
  topic: "topic",
  seq: "n",
  seqFrom: "first",
  refused: (payload) => payload["status"] === "error",
  error: "problem",
  events: [],
  stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000),
};

const WEATHER_TOPIC: TopicProtocol = {
  subscribe: ["weather.subscribe"],
  updates: ["weather.update"],
  address: (selection) => `weather/${spelled({ lon: "london" }, selection["station"])}`,
  latest: true,
};

/**
 * The weather at a station.
 *
 * Channel `weather/{station}`.
 */
class WeatherChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Message `weather.subscribe`.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.Station,
    listener?: UpdateListener<models.Weather, models.WeatherUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Weather>> {
    return this.#connection.subscribe(
      WEATHER_TOPIC,
      selection,
      undefined,
      listener,
      options,
    );
  }
}

/** One topic per station. */
export class WeatherClient extends Client {
  /** The weather at a station. */
  readonly weather = new WeatherChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}

export type {
  WeatherChannel,
};
