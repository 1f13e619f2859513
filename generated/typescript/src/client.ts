// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type * as models from "./models.js";
import { Client } from "./runtime/client.js";
import type { ClientOptions, Connection } from "./runtime/connection.js";
import type { Off } from "./runtime/emitter.js";
import type { RequestOptions } from "./runtime/pending.js";
import { spelled, tagsOf } from "./runtime/protocol.js";
import type { Protocol, TopicProtocol } from "./runtime/protocol.js";
import type { SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";

const PROTOCOL: Protocol = {
  type: "type",
  payload: "payload",
  id: "id",
  topic: "topic",
  seq: "seq",
  seqFrom: "seq_from",
  epoch: "epoch",
  snapshot: "snapshot",
  checksum: "checksum",
  recover: "recover",
  recovered: "recovered",
  refused: (payload) => payload["status"] === "error",
  error: "error",
  events: ["topic.reset", "topic.closed", "server.shutdown"],
  reset: "topic.reset",
  close: "topic.closed",
  stops: (code) => [1003, 1007, 1009, 1002, 1008, 1010].includes(code) || (code >= 4500 && code < 5000),
  heartbeat: { silenceMs: 10000, exchange: ["ping", "pong"] },
  authenticate: { exchange: ["session.authenticate"], token: "token", expires: "expires_in_ms" },
  pace: { burst: 100, intervalMs: 20 },
};

const BARS_TOPIC: TopicProtocol = {
  ...tagsOf("bars"),
  address: (selection) => `bars:${selection["symbol"]}:${spelled({ D: "1D", W: "1W", M: "1M", S: "1S" }, selection["resolution"] ?? "1")}`,
  snapshot: "recover",
  latest: true,
};

const QUOTES_TOPIC: TopicProtocol = {
  ...tagsOf("quotes"),
  address: (selection) => `quotes:${selection["symbol"]}`,
  snapshot: "subscribe",
  latest: true,
};

const TRADES_TOPIC: TopicProtocol = {
  ...tagsOf("trades"),
  address: (selection) => `trades:${selection["symbol"]}`,
};

const ORDERBOOK_TOPIC: TopicProtocol = {
  ...tagsOf("orderbook"),
  address: (selection) => `orderbook:${selection["symbol"]}:${selection["depth"] ?? "25"}`,
  snapshot: "subscribe",
  latest: true,
  state: { key: "price", value: "size", lists: [["bids", -1], ["asks", 1]], checksum: 10 },
};

const ACCOUNT_TOPIC: TopicProtocol = {
  ...tagsOf("account"),
  address: (selection) => `account:${selection["account_id"]}`,
  snapshot: "subscribe",
};

const POSITIONS_TOPIC: TopicProtocol = {
  ...tagsOf("positions"),
  address: (selection) => `positions:${selection["account_id"]}`,
  snapshot: "subscribe",
};

const ORDERS_TOPIC: TopicProtocol = {
  ...tagsOf("orders"),
  address: (selection) => `orders:${selection["account_id"]}`,
  snapshot: "subscribe",
};

/**
 * Price bars (open, high, low, close, volume) of one symbol at one resolution. While a bar is forming, each
 * update carries its whole state so far; the bar with the next `time` closes the one before it.
 *
 * A bar is the fold of the trades that fall into its span, in whatever order they arrive: a trade that comes
 * late corrects the bar it belongs to, which is then sent again, with a `time` older than that of the bar
 * still forming. A span without trades has no bar.
 *
 * A subscriber that reads too slowly is sent only the last of the updates of each bar that wait for it; its
 * `seq_from` says which was the first of those that it stands for. One that is slower still is sent only the
 * last of all, and `bars.history` gives the bars between.
 *
 * A subscriber that cannot be sent all it missed is told so, and sent the latest bar; `bars.history` gives
 * those before it.
 *
 * Channel `bars:{symbol}:{resolution}`.
 */
class BarsChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for the bars of a symbol at a resolution.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.BarsSelection,
    listener?: UpdateListener<models.Bar, models.BarsUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Bar>> {
    return this.#connection.subscribe(
      BARS_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }

  /**
   * Ask for the bars before a moment.
   *
   * Of the bars that begin before `to`, the last `limit` are sent. To go further back, ask again with the
   * `time` of the earliest.
   */
  history(
    payload: models.BarsHistory,
    options?: RequestOptions,
  ): Promise<models.BarsPage> {
    return this.#connection.request(["bars.history"], payload, options);
  }
}

/**
 * The best prices at which a symbol can be sold and bought now, and the price of its last trade.
 *
 * Each update is a whole quote; the first follows the answer to the subscribe request, with `snapshot: true`.
 * A subscriber that reads too slowly is sent only the last of the updates that wait for it.
 *
 * Channel `quotes:{symbol}`.
 */
class QuotesChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for the quotes of a symbol.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.SymbolSelection,
    listener?: UpdateListener<models.Quote, models.QuotesUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Quote>> {
    return this.#connection.subscribe(
      QUOTES_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
 * sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.
 *
 * A subscriber that reads so slowly that too much waits for it is closed with 4004. One that comes back
 * within the history is sent what it missed; one that does not is told that it has missed something.
 *
 * Channel `trades:{symbol}`.
 */
class TradesChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for the trades of a symbol.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.SymbolSelection,
    listener?: UpdateListener<models.Trade, models.TradesUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Trade>> {
    return this.#connection.subscribe(
      TRADES_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * What is offered and asked for, level by level, from the best price on, to a depth.
 *
 * The first update after the answer to a subscribe request carries the whole book (`snapshot: true`). Each
 * after it carries the levels that changed: a level's new size replaces its old one, size 0 removes the
 * level, a price that was not there is a new level. A level that falls out of the depth is removed, and one
 * that comes into it is sent, so that a client holds exactly `depth` levels of each side, or all there are.
 *
 * `checksum` tells whether the book that a client then holds is right. It is the CRC-32 of the UTF-8 text
 * `bids|asks`: of each side the first ten levels, the best first, each as `price:size`, joined by commas, the
 * numbers as JavaScript prints them. A client whose book gives another one subscribes anew.
 *
 * A subscriber that reads too slowly is sent one update for all that wait for it: their changes merged, so
 * that the book it holds is right again.
 *
 * Channel `orderbook:{symbol}:{depth}`.
 */
class OrderbookChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for the order book of a symbol to a depth.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets, with each update, all that is there now, and the message that brought the change.
   * Without one, iterate the subscription.
   */
  subscribe(
    selection: models.BookSelection,
    listener?: UpdateListener<models.Book, models.OrderbookUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.Book>> {
    return this.#connection.subscribe(
      ORDERBOOK_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * What is in an account. Each update is the whole of it, and one is sent for every change; the first follows
 * the answer to the subscribe request, with `snapshot: true`.
 *
 * For clients with a token that names the account and has the scope `account:read`; others are answered
 * `unauthenticated` or `forbidden`. Where the right is lost while a client listens, `topic.closed` tells it.
 *
 * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
 * `account_id`.
 *
 * Channel `account:{account_id}`.
 */
class AccountChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for an account.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.AccountSelection,
    listener?: UpdateListener<models.AccountSummary, models.AccountUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.AccountSummary>> {
    return this.#connection.subscribe(
      ACCOUNT_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * What an account holds. Each update lists all positions that are open, and those that it closes, with
 * quantity 0; the first follows the answer to the subscribe request, with `snapshot: true`. Between two
 * updates
 * of a position its price may move; it is sent again with the next update.
 *
 * For the same clients as the account itself.
 *
 * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
 * `account_id`.
 *
 * Channel `positions:{account_id}`.
 */
class PositionsChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for positions.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.AccountSelection,
    listener?: UpdateListener<models.PositionList, models.PositionsUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.PositionList>> {
    return this.#connection.subscribe(
      POSITIONS_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * What an account wants to buy and sell. Each update lists all orders that are working, and those that it
 * ends
 * (filled, cancelled, rejected); none of its changes is left out. The first follows the answer to the
 * subscribe
 * request, with `snapshot: true`.
 *
 * For the same clients as the account itself.
 *
 * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
 * `account_id`.
 *
 * Channel `orders:{account_id}`.
 */
class OrdersChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask for orders.
   *
   * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
   * that position are sent again, where the server can prove that it has them all.
   *
   * `listener` gets the body of each update and the message around it. Without one, iterate the subscription.
   */
  subscribe(
    selection: models.AccountSelection,
    listener?: UpdateListener<models.OrderList, models.OrdersUpdate>,
    options?: SubscribeOptions,
  ): Promise<Subscription<models.OrderList>> {
    return this.#connection.subscribe(
      ORDERS_TOPIC,
      selection,
      selection,
      listener,
      options,
    );
  }
}

/**
 * What there is to subscribe to.
 *
 * Channel `symbols`.
 */
class SymbolsChannel {
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /**
   * Ask which symbols there are.
   *
   * With `query`, those whose symbol or description contains it, whatever the case.
   */
  list(
    payload: models.SymbolsQuery = {},
    options?: RequestOptions,
  ): Promise<models.SymbolList> {
    return this.#connection.request(["symbols.list"], payload, options);
  }
}

/**
 * The connection itself.
 *
 * Channel `session`.
 */
class SessionChannel {
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
   * Say who the client is.
   *
   * Sent first on a connection, by clients that have a token, and again with a fresh one before the old one
   * expires: a connection whose token has expired is closed with 4003. A fresh token is of the same user;
   * what
   * it does not grant any more is told by `topic.closed`. A token in the `Authorization` header of the
   * handshake
   * says the same. Market data need no token, unless the service asks everybody for one.
   */
  authenticate(
    payload: models.Credentials,
    options?: RequestOptions,
  ): Promise<models.Authenticated> {
    return this.#connection.request(["session.authenticate"], payload, options);
  }

  /**
   * What happened in a topic cannot be told any more.
   *
   * Sent to subscribers of a topic whose history was lost, or cannot be proven to have no hole. What a client
   * holds may be wrong. It goes on from the position that this message gives; where the topic has a snapshot,
   * that is the next update.
   */
  onTopicReset(listener: (message: models.TopicReset) => void): Off {
    return this.#connection.on("topic.reset", listener);
  }

  /**
   * The server has ended a subscription.
   *
   * No further update of the topic is sent on this connection. Sent where a fresh token does not grant the
   * topic any more.
   */
  onTopicClosed(listener: (message: models.TopicClosed) => void): Off {
    return this.#connection.on("topic.closed", listener);
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
 * Real-time market data, and one's own accounts, over one WebSocket.
 *
 * A connection carries any number of topics. A client asks for a topic, is answered once, and from then on
 * receives that topic's updates until it unsubscribes or leaves. Nothing is sent before the client's first
 * request, and readers ignore fields they do not know.
 *
 * Nothing is missed in silence. The updates of a topic are numbered (`seq`) within the life of its history
 * (`epoch`). A client that comes back names the last position it has (`recover`), and is sent what followed,
 * or is told that this cannot be done (`recovered: false`).
 *
 * What concerns somebody's account is for those whose token names the account. Money and quantities of
 * accounts
 * are decimal strings, market data are numbers.
 */
export class TradingClient extends Client {
  /**
   * Price bars (open, high, low, close, volume) of one symbol at one resolution. While a bar is forming, each
   * update carries its whole state so far; the bar with the next `time` closes the one before it.
   *
   * A bar is the fold of the trades that fall into its span, in whatever order they arrive: a trade that
   * comes
   * late corrects the bar it belongs to, which is then sent again, with a `time` older than that of the bar
   * still forming. A span without trades has no bar.
   *
   * A subscriber that reads too slowly is sent only the last of the updates of each bar that wait for it; its
   * `seq_from` says which was the first of those that it stands for. One that is slower still is sent only
   * the
   * last of all, and `bars.history` gives the bars between.
   *
   * A subscriber that cannot be sent all it missed is told so, and sent the latest bar; `bars.history` gives
   * those before it.
   */
  readonly bars = new BarsChannel(this.connection);

  /**
   * The best prices at which a symbol can be sold and bought now, and the price of its last trade.
   *
   * Each update is a whole quote; the first follows the answer to the subscribe request, with `snapshot:
   * true`.
   * A subscriber that reads too slowly is sent only the last of the updates that wait for it.
   */
  readonly quotes = new QuotesChannel(this.connection);

  /**
   * Every trade of a symbol, each in an update of its own, in the order of `seq`: none is left out, none is
   * sent twice. A trade that became known late is sent when it does, with the `time` at which it happened.
   *
   * A subscriber that reads so slowly that too much waits for it is closed with 4004. One that comes back
   * within the history is sent what it missed; one that does not is told that it has missed something.
   */
  readonly trades = new TradesChannel(this.connection);

  /**
   * What is offered and asked for, level by level, from the best price on, to a depth.
   *
   * The first update after the answer to a subscribe request carries the whole book (`snapshot: true`). Each
   * after it carries the levels that changed: a level's new size replaces its old one, size 0 removes the
   * level, a price that was not there is a new level. A level that falls out of the depth is removed, and one
   * that comes into it is sent, so that a client holds exactly `depth` levels of each side, or all there are.
   *
   * `checksum` tells whether the book that a client then holds is right. It is the CRC-32 of the UTF-8 text
   * `bids|asks`: of each side the first ten levels, the best first, each as `price:size`, joined by commas,
   * the
   * numbers as JavaScript prints them. A client whose book gives another one subscribes anew.
   *
   * A subscriber that reads too slowly is sent one update for all that wait for it: their changes merged, so
   * that the book it holds is right again.
   */
  readonly orderbook = new OrderbookChannel(this.connection);

  /**
   * What is in an account. Each update is the whole of it, and one is sent for every change; the first
   * follows
   * the answer to the subscribe request, with `snapshot: true`.
   *
   * For clients with a token that names the account and has the scope `account:read`; others are answered
   * `unauthenticated` or `forbidden`. Where the right is lost while a client listens, `topic.closed` tells
   * it.
   *
   * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
   * `account_id`.
   */
  readonly account = new AccountChannel(this.connection);

  /**
   * What an account holds. Each update lists all positions that are open, and those that it closes, with
   * quantity 0; the first follows the answer to the subscribe request, with `snapshot: true`. Between two
   * updates
   * of a position its price may move; it is sent again with the next update.
   *
   * For the same clients as the account itself.
   *
   * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
   * `account_id`.
   */
  readonly positions = new PositionsChannel(this.connection);

  /**
   * What an account wants to buy and sell. Each update lists all orders that are working, and those that it
   * ends
   * (filled, cancelled, rejected); none of its changes is left out. The first follows the answer to the
   * subscribe
   * request, with `snapshot: true`.
   *
   * For the same clients as the account itself.
   *
   * For clients whose `token` (bearer token, JWT) has the scope `account:read` and names the topic's
   * `account_id`.
   */
  readonly orders = new OrdersChannel(this.connection);

  /** What there is to subscribe to. */
  readonly symbols = new SymbolsChannel(this.connection);

  /** The connection itself. */
  readonly session = new SessionChannel(this.connection);

  constructor(url: string | URL = DEFAULT_URL, options: ClientOptions = {}) {
    super(PROTOCOL, url, options);
  }
}

export type {
  BarsChannel,
  QuotesChannel,
  TradesChannel,
  OrderbookChannel,
  AccountChannel,
  PositionsChannel,
  OrdersChannel,
  SymbolsChannel,
  SessionChannel,
};
