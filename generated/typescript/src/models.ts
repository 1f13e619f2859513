// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** Names a request, so that its answer can be told from others; chosen by the client. */
export type RequestId = string | number;

/** The instrument, as the exchange spells it. */
export type Symbol = string;

/**
 * The length of a bar: a number of minutes (`1`, `5`, `15`, `60`), or a number of seconds, days, weeks or
 * months with its letter (`1S`, `1D`, `1W`, `1M`). A letter alone means one of it.
 *
 * @defaultValue `"1"`
 */
export type Resolution = string;

/**
 * How many levels of each side of an order book.
 *
 * @defaultValue `25`
 */
export type Depth = 10 | 25 | 100 | 500 | 1000;

/** The topic that a message is for, as the subscribe response named it. */
export type TopicAddress = string;

/** Counts the updates of a topic, by one, within an epoch. */
export type Sequence = number;

/**
 * The first of the updates that this one stands for, up to its `seq`: they were folded together for a
 * subscriber that read too slowly. Absent where the update stands for itself alone.
 */
export type SequenceFrom = number;

/** Names the life of a topic's history; a new epoch voids older sequence numbers. */
export type Epoch = string;

/**
 * Whether the payload is all that the topic holds, as of its `seq`, and replaces what the client holds,
 * rather than adding to it.
 */
export type Snapshot = boolean;

/**
 * The last position of the topic that the client has. One that the topic never had, or has no more, is
 * answered with `recovered: false`.
 */
export interface Recover {
  epoch: Epoch;
  seq: Sequence;
}

/**
 * Answers `recover`. True: every update after the client's position follows. False: some cannot be sent, and
 * the client has missed something.
 */
export type Recovered = boolean;

/** CRC-32 of what the client holds once it has applied this update; the channel tells of what it is made. */
export type Checksum = number;

/** Unix time in milliseconds, UTC. */
export type Timestamp = number;

/** Which bars are meant. */
export interface BarsSelection {
  symbol: Symbol;
  resolution?: Resolution;
}

/** Which bars are meant, and how many. */
export interface BarsHistory {
  symbol: Symbol;
  resolution?: Resolution;
  /** Only bars that begin before this moment, in Unix milliseconds, UTC; now where it is absent. */
  to?: number;
  /**
   * How many bars at most.
   *
   * @defaultValue `300`
   */
  limit?: number;
}

/** Bars of the past. */
export interface BarsPage {
  status: "ok";
  symbol: Symbol;
  /** The length of the bars, in the spelling that topics have. */
  resolution: string;
  /** The oldest first. A span in which nothing was traded has none. */
  bars: Bar[];
  /** Whether there is nothing before the first of them. */
  complete: boolean;
}

/** Which symbol is meant. */
export interface SymbolSelection {
  symbol: Symbol;
}

/** Which order book is meant, and how deep. */
export interface BookSelection {
  symbol: Symbol;
  depth?: Depth;
}

/** What a symbol's price did in one span of time. */
export interface Bar {
  /** When the bar begins, in Unix milliseconds, UTC. */
  time: number;
  /** The first price. */
  open: number;
  /** The highest price. */
  high: number;
  /** The lowest price. */
  low: number;
  /** The last price, so far. */
  close: number;
  /** How much was traded, so far. */
  volume: number;
}

/** What a symbol can be sold and bought for at one moment. */
export interface Quote {
  /** When it became so, in Unix milliseconds, UTC. */
  time: number;
  /** The highest price that is offered for it. */
  bid: number;
  /** The lowest price that is asked for it. */
  ask: number;
  /** How much is bid for at that price. */
  bid_size: number;
  /** How much is on offer at that price. */
  ask_size: number;
  /** The price of the last trade. */
  last: number;
  /** The last price minus the first one of the day in UTC. */
  change: number;
}

/** Names an account. */
export type AccountId = string;

/** A number, exactly, as text. */
export type Amount = string;

/** Which account. */
export interface AccountSelection {
  account_id: AccountId;
}

/** What is in an account, in its currency. */
export interface AccountSummary {
  account_id: AccountId;
  /** What its money is. */
  currency: string;
  /** What was paid in, and what closed positions made. */
  balance: Amount;
  /** The balance, and what open positions would make now. */
  equity: Amount;
  /** What open positions would make now. */
  unrealized_profit: Amount;
  /** Of when this is, in Unix milliseconds, UTC. */
  time: number;
}

/** What an account holds. */
export interface PositionList {
  account_id: AccountId;
  /** Of when this is, in Unix milliseconds, UTC. */
  time: number;
  /** All that are open, and those just closed. */
  positions: Position[];
}

/** How much of one symbol an account holds. */
export interface Position {
  symbol: Symbol;
  /** How many units; below 0 where they were sold before they were bought, 0 where it is closed. */
  quantity: Amount;
  /** What one unit cost. */
  average_price: Amount;
  /** What one unit costs now. */
  market_price: Amount;
  /** What closing it now would make, in the account's currency. */
  unrealized_profit: Amount;
}

/** What an account wants to buy and sell. */
export interface OrderList {
  account_id: AccountId;
  /** Of when this is, in Unix milliseconds, UTC. */
  time: number;
  /** All that are working, and those just ended. */
  orders: Order[];
}

/** A wish to buy or sell, and what became of it. */
export interface Order {
  /** Names the order among those of its account. */
  order_id: string;
  symbol: Symbol;
  /** What the account wants to do. */
  side: "buy" | "sell";
  /** At which price; more kinds may be added. */
  kind: "market" | "limit" | (string & {});
  /** What became of it; more may be added. All but `working` and `partially_filled` are final. */
  status: "working" | "partially_filled" | "filled" | "cancelled" | "rejected" | (string & {});
  /** How many units. */
  quantity: Amount;
  /** How many of them so far. */
  filled: Amount;
  /** The worst price that is accepted; absent where any is. */
  limit_price?: Amount;
  /** At what price, on average, it was filled so far; absent before. */
  average_price?: Amount;
  /** Why it was rejected or cancelled, where there is more to say. */
  reason?: string;
  /** When it changed last, in Unix milliseconds, UTC. */
  time: number;
}

/** One exchange of something for money. */
export interface Trade {
  /** Names the trade among those of its symbol; later ones have higher ids. */
  id: number;
  /** For how much of the currency one unit went. */
  price: number;
  /** How many units. */
  size: number;
  /** What the one did who took the other's offer. */
  side: "buy" | "sell";
  /** When it happened, in Unix milliseconds, UTC. */
  time: number;
}

/** The levels of an order book, or those of them that changed. */
export interface Book {
  /** What is bid, the highest price first. */
  bids: Level[];
  /** What is asked, the lowest price first. */
  asks: Level[];
}

/** All that is bid, or asked, at one price. */
export interface Level {
  /** The price of one unit. */
  price: number;
  /** How many units; 0 where the level is gone. */
  size: number;
}

/** Which symbols are meant. */
export interface SymbolsQuery {
  /** What the symbol or its description contains, whatever the case; all where it is absent. */
  query?: string;
  /**
   * How many symbols at most.
   *
   * @defaultValue `100`
   */
  limit?: number;
}

/** The symbols that were asked for. */
export interface SymbolList {
  status: "ok";
  /** In the order of their names. */
  symbols: SymbolInfo[];
}

/** What one symbol is, and how its numbers are written. */
export interface SymbolInfo {
  symbol: Symbol;
  /** What it stands for, for people. */
  description: string;
  /** What is traded. More kinds may be added; treat an unknown one like `other`. */
  type: "stock" | "index" | "forex" | "crypto" | "other" | (string & {});
  /** What prices are told in. */
  currency: string;
  /** How many decimal places a price has at most. */
  price_decimals: number;
  /** How many decimal places a size has at most. */
  size_decimals: number;
  /** When it is traded; `24x7` is always. */
  session: string;
  /** The time zone of its days, by its name in the IANA database. */
  timezone: string;
  /** The lengths of bars that are offered, in the spelling that topics have. */
  resolutions: string[];
}

/** Who the client is. */
export interface Credentials {
  /** A token, as it was issued. */
  token: string;
}

/** The token was accepted. */
export interface Authenticated {
  status: "ok";
  /** What was done */
  message: string;
  /** After how many milliseconds the token expires; send a fresh one before. */
  expires_in_ms?: number;
}

/** Why something happened to a topic without being asked for. */
export interface TopicNotice {
  /**
   * Why, for programs. More codes may be added.
   *
   * `history_lost`: what was published cannot be told any more, or not proven. `forbidden`: the token does
   * not grant the topic any more.
   */
  code: "history_lost" | "forbidden" | (string & {});
  /** Why, for people. */
  message: string;
}

/** A request about a topic was carried out. */
export interface TopicAnswer {
  status: "ok";
  /** What was done */
  message: string;
  topic: TopicAddress;
}

/** How clients come back after a shutdown. */
export interface Shutdown {
  /** Wait a random time of at most so many milliseconds before you connect again. */
  reconnect_in_ms_max: number;
}

/** Why a request was not carried out. */
export interface Problem {
  status: "error";
  /**
   * What is wrong, for programs. More codes may be added; treat an unknown one like `internal`.
   *
   * `rate_limited` refuses a message that came faster than allowed; who goes on all the same is closed with
   * 4006. `too_many_subscriptions` refuses to subscribe to more topics than a connection may have.
   * `unknown_symbol` and `unknown_resolution` refuse what there is not, and the message names what there
   * is. `unauthenticated` refuses a token, or what needs one; `forbidden` what the token does not grant.
   */
  code:
    | "bad_frame"
    | "bad_json"
    | "bad_envelope"
    | "unknown_type"
    | "bad_payload"
    | "rate_limited"
    | "too_many_subscriptions"
    | "unknown_symbol"
    | "unknown_resolution"
    | "unauthenticated"
    | "forbidden"
    | "unavailable"
    | "internal"
    | (string & {});
  /** What is wrong, for people. */
  message: string;
  /** Whether the same request may succeed later. */
  retryable: boolean;
  /** After how many milliseconds the same request may be tried again, where the server can say. */
  retry_after_ms?: number;
  /** For a bad payload, each place that is wrong. */
  errors?: ProblemDetail[];
}

/** One place of a payload that is wrong. */
export interface ProblemDetail {
  /** A JSON Pointer into the message. */
  path: string;
  /** What is wrong there. */
  message: string;
}

/**
 * Ask for the bars of a symbol at a resolution.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface BarsSubscribe {
  type: "bars.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: BarsSelection;
}

/**
 * Stop receiving the bars of a symbol at a resolution.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface BarsUnsubscribe {
  type: "bars.unsubscribe";
  id?: RequestId;
  payload: BarsSelection;
}

/**
 * Ask for the bars before a moment.
 *
 * Of the bars that begin before `to`, the last `limit` are sent. To go further back, ask again with the
 * `time` of the earliest.
 */
export interface BarsHistoryMessage {
  type: "bars.history";
  id?: RequestId;
  payload: BarsHistory;
}

/**
 * The answer to `bars.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest.
 */
export interface BarsSubscribeResponse {
  type: "bars.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: BarsSubscribeResponsePayload;
}

export type BarsSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `bars.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface BarsUnsubscribeResponse {
  type: "bars.unsubscribe.response";
  id?: RequestId;
  payload: BarsUnsubscribeResponsePayload;
}

export type BarsUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `bars.history`.
 *
 * The last of the bars may be the one that is still forming.
 */
export interface BarsHistoryResponse {
  type: "bars.history.response";
  id?: RequestId;
  payload: BarsHistoryResponsePayload;
}

export type BarsHistoryResponsePayload = BarsPage | Problem;

/**
 * The latest state of a bar.
 *
 * Sent to subscribers of the topic whenever the bar changes.
 */
export interface BarsUpdate {
  type: "bars.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: Bar;
}

/**
 * Ask for the quotes of a symbol.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface QuotesSubscribe {
  type: "quotes.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: SymbolSelection;
}

/**
 * Stop receiving the quotes of a symbol.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface QuotesUnsubscribe {
  type: "quotes.unsubscribe";
  id?: RequestId;
  payload: SymbolSelection;
}

/**
 * The answer to `quotes.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest. Unless it was
 * recovered, the first update is the whole quote, as of that position.
 */
export interface QuotesSubscribeResponse {
  type: "quotes.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: QuotesSubscribeResponsePayload;
}

export type QuotesSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `quotes.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface QuotesUnsubscribeResponse {
  type: "quotes.unsubscribe.response";
  id?: RequestId;
  payload: QuotesUnsubscribeResponsePayload;
}

export type QuotesUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * What a symbol can be sold and bought for now.
 *
 * Sent to subscribers of the topic whenever something of it changes.
 */
export interface QuotesUpdate {
  type: "quotes.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: Quote;
}

/**
 * Ask for the trades of a symbol.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface TradesSubscribe {
  type: "trades.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: SymbolSelection;
}

/**
 * Stop receiving the trades of a symbol.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface TradesUnsubscribe {
  type: "trades.unsubscribe";
  id?: RequestId;
  payload: SymbolSelection;
}

/**
 * The answer to `trades.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest.
 */
export interface TradesSubscribeResponse {
  type: "trades.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: TradesSubscribeResponsePayload;
}

export type TradesSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `trades.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface TradesUnsubscribeResponse {
  type: "trades.unsubscribe.response";
  id?: RequestId;
  payload: TradesUnsubscribeResponsePayload;
}

export type TradesUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * A trade has happened.
 *
 * Sent to subscribers of the topic for each trade.
 */
export interface TradesUpdate {
  type: "trades.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: Trade;
}

/**
 * Ask for the order book of a symbol to a depth.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface OrderbookSubscribe {
  type: "orderbook.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: BookSelection;
}

/**
 * Stop receiving the order book of a symbol to a depth.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface OrderbookUnsubscribe {
  type: "orderbook.unsubscribe";
  id?: RequestId;
  payload: BookSelection;
}

/**
 * The answer to `orderbook.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest. Unless it was
 * recovered, the first update is the whole book, as of that position.
 */
export interface OrderbookSubscribeResponse {
  type: "orderbook.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: OrderbookSubscribeResponsePayload;
}

export type OrderbookSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `orderbook.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface OrderbookUnsubscribeResponse {
  type: "orderbook.unsubscribe.response";
  id?: RequestId;
  payload: OrderbookUnsubscribeResponsePayload;
}

export type OrderbookUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The whole book, or what of it changed.
 *
 * Sent to subscribers of the topic whenever a level of it changes.
 */
export interface OrderbookUpdate {
  type: "orderbook.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  checksum?: Checksum;
  ts?: Timestamp;
  payload: Book;
}

/**
 * Ask for an account.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface AccountSubscribe {
  type: "account.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: AccountSelection;
}

/**
 * Stop receiving an account.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface AccountUnsubscribe {
  type: "account.unsubscribe";
  id?: RequestId;
  payload: AccountSelection;
}

/**
 * The answer to `account.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest.
 */
export interface AccountSubscribeResponse {
  type: "account.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: AccountSubscribeResponsePayload;
}

export type AccountSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `account.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface AccountUnsubscribeResponse {
  type: "account.unsubscribe.response";
  id?: RequestId;
  payload: AccountUnsubscribeResponsePayload;
}

export type AccountUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * What is in the account now.
 *
 * Sent to subscribers of the topic whenever something of it changes.
 */
export interface AccountUpdate {
  type: "account.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: AccountSummary;
}

/**
 * Ask for positions.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface PositionsSubscribe {
  type: "positions.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: AccountSelection;
}

/**
 * Stop receiving positions.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface PositionsUnsubscribe {
  type: "positions.unsubscribe";
  id?: RequestId;
  payload: AccountSelection;
}

/**
 * The answer to `positions.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest.
 */
export interface PositionsSubscribeResponse {
  type: "positions.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: PositionsSubscribeResponsePayload;
}

export type PositionsSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `positions.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface PositionsUnsubscribeResponse {
  type: "positions.unsubscribe.response";
  id?: RequestId;
  payload: PositionsUnsubscribeResponsePayload;
}

export type PositionsUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * What the account holds now.
 *
 * Sent to subscribers of the topic whenever a position changes.
 */
export interface PositionsUpdate {
  type: "positions.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: PositionList;
}

/**
 * Ask for orders.
 *
 * Subscribing to a topic that one has already is answered `ok` again. With `recover`, the updates after
 * that position are sent again, where the server can prove that it has them all.
 */
export interface OrdersSubscribe {
  type: "orders.subscribe";
  id?: RequestId;
  recover?: Recover;
  payload: AccountSelection;
}

/**
 * Stop receiving orders.
 *
 * Unsubscribing from a topic that one does not have is answered `ok`, with a message that says so.
 */
export interface OrdersUnsubscribe {
  type: "orders.unsubscribe";
  id?: RequestId;
  payload: AccountSelection;
}

/**
 * The answer to `orders.subscribe`.
 *
 * Carries the position after which the topic's updates follow: the one that the request named, where it
 * was recovered, else the topic's latest.
 */
export interface OrdersSubscribeResponse {
  type: "orders.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
  recovered?: Recovered;
  payload: OrdersSubscribeResponsePayload;
}

export type OrdersSubscribeResponsePayload = TopicAnswer | Problem;

/**
 * The answer to `orders.unsubscribe`.
 *
 * After it no further update of the topic is sent on this connection.
 */
export interface OrdersUnsubscribeResponse {
  type: "orders.unsubscribe.response";
  id?: RequestId;
  payload: OrdersUnsubscribeResponsePayload;
}

export type OrdersUnsubscribeResponsePayload = TopicAnswer | Problem;

/**
 * What the account wants to buy and sell now.
 *
 * Sent to subscribers of the topic whenever an order changes.
 */
export interface OrdersUpdate {
  type: "orders.update";
  topic?: TopicAddress;
  seq?: Sequence;
  seq_from?: SequenceFrom;
  epoch?: Epoch;
  snapshot?: Snapshot;
  ts?: Timestamp;
  payload: OrderList;
}

/**
 * Ask which symbols there are.
 *
 * With `query`, those whose symbol or description contains it, whatever the case.
 */
export interface SymbolsList {
  type: "symbols.list";
  id?: RequestId;
  payload: SymbolsQuery;
}

/**
 * The answer to `symbols.list`.
 *
 * In the order of their symbols.
 */
export interface SymbolsListResponse {
  type: "symbols.list.response";
  id?: RequestId;
  payload: SymbolsListResponsePayload;
}

export type SymbolsListResponsePayload = SymbolList | Problem;

/**
 * A sign of life.
 *
 * Any message keeps a connection alive; this one is for clients that have nothing else to say.
 */
export interface Ping {
  type: "ping";
  id?: RequestId;
}

/**
 * Say who the client is.
 *
 * Sent first on a connection, by clients that have a token, and again with a fresh one before the old one
 * expires: a connection whose token has expired is closed with 4003. A fresh token is of the same user; what
 * it does not grant any more is told by `topic.closed`. A token in the `Authorization` header of the
 * handshake
 * says the same. Market data need no token, unless the service asks everybody for one.
 */
export interface SessionAuthenticate {
  type: "session.authenticate";
  id?: RequestId;
  payload: Credentials;
}

/**
 * The answer to `ping`.
 *
 * Carries the server's clock, so that a client can measure the way there and back.
 */
export interface Pong {
  type: "pong";
  id?: RequestId;
  ts: Timestamp;
}

/**
 * The answer to `session.authenticate`.
 *
 * A refused token costs nothing but this answer; the connection stays as it was.
 */
export interface SessionAuthenticateResponse {
  type: "session.authenticate.response";
  id?: RequestId;
  payload: SessionAuthenticateResponsePayload;
}

export type SessionAuthenticateResponsePayload = Authenticated | Problem;

/**
 * What happened in a topic cannot be told any more.
 *
 * Sent to subscribers of a topic whose history was lost, or cannot be proven to have no hole. What a client
 * holds may be wrong. It goes on from the position that this message gives; where the topic has a snapshot,
 * that is the next update.
 */
export interface TopicReset {
  type: "topic.reset";
  topic: TopicAddress;
  seq?: Sequence;
  epoch?: Epoch;
  payload: TopicNotice;
}

/**
 * The server has ended a subscription.
 *
 * No further update of the topic is sent on this connection. Sent where a fresh token does not grant the
 * topic any more.
 */
export interface TopicClosed {
  type: "topic.closed";
  topic: TopicAddress;
  payload: TopicNotice;
}

/**
 * The server is about to close this connection.
 *
 * A close with 4000 follows, here and on all other connections. Wait a random part of the time that the
 * payload gives before you connect again, so that not all clients come back at once.
 */
export interface ServerShutdown {
  type: "server.shutdown";
  payload: Shutdown;
}

/**
 * Something arrived that is no answerable request.
 *
 * Sent for what cannot be matched with a request: no JSON, no `type`, an unknown `type`, a binary frame.
 * The connection stays open, unless a client keeps sending such things: then it is closed with 4501.
 */
export interface Error {
  type: "error";
  id?: RequestId;
  payload: Problem;
}
