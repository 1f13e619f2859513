// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection, Protocol } from "./runtime/connection.js";
import type { Off } from "./runtime/emitter.js";
import type { RequestOptions } from "./runtime/pending.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";

const PROTOCOL: Protocol = {
  type: "type",
  payload: "payload",
  id: "id",
  topic: "topic",
  problem: { path: ["status"], value: "error" },
  error: "error",
  events: ["server.shutdown"],
  stopCodes: [1003, 1007, 1009, 1002, 1008, 1010],
  heartbeat: { silenceMs: 10000, exchange: ["ping", "pong"] },
};

/**
 * Price bars (open, high, low, close, volume) of one symbol at one resolution. While a bar is forming, each
 * update carries its whole state so far; the bar with the next `time` closes the one before it.
 *
 * A subscriber that reads too slowly is sent only the last of the updates that wait for it; its `seq_from`
 * says which was the first of those that it stands for.
 *
 * Channel `bars:{symbol}:{resolution}`.
 */
export class BarsChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for the bars of a symbol at a resolution.
   *
   * Subscribing to a topic that one has already is answered `ok` again.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.BarsSelection,
    listener?: UpdateListener<models.Bar, models.BarsUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Bar>> {
    return this.#connection.subscribe(
      {
        subscribe: ["bars.subscribe", "bars.subscribe.response"],
        unsubscribe: ["bars.unsubscribe", "bars.unsubscribe.response"],
        updates: ["bars.update"],
      },
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * The connection itself.
 *
 * Channel `session`.
 */
export class SessionChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * A sign of life.
   *
   * Any message keeps a connection alive; this one is for clients that have nothing else to say.
   */
  ping(options?: RequestOptions): Promise<models.Pong> {
    return this.#connection.request(["ping", "pong"], undefined, options);
  }

  /**
   * The server is about to close this connection.
   *
   * A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
   * payload gives before you connect again, so that not all clients come back at once.
   */
  onServerShutdown(listener: (message: models.ServerShutdown) => void): Off {
    return this.#connection.on("server.shutdown", listener);
  }
}

/**
 * Real-time market data over one WebSocket.
 *
 * A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
 * receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
 * request, and readers ignore fields they do not know.
 */
export class TradingClient extends Client {
  /**
   * Price bars (open, high, low, close, volume) of one symbol at one resolution. While a bar is forming, each
   * update carries its whole state so far; the bar with the next `time` closes the one before it.
   *
   * A subscriber that reads too slowly is sent only the last of the updates that wait for it; its `seq_from`
   * says which was the first of those that it stands for.
   */
  readonly bars = new BarsChannel(this.connection);

  /** The connection itself. */
  readonly session = new SessionChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}
