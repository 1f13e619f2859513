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

/** Whether the payload replaces what the client holds, rather than adding to it. */
export type Snapshot = boolean;

/** Unix time in milliseconds, UTC. */
export type Timestamp = number;

/** Which bars are meant. */
export interface BarsSelection {
  symbol: Symbol;
  resolution?: Resolution;
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
   */
  code:
    | "bad_frame"
    | "bad_json"
    | "bad_envelope"
    | "unknown_type"
    | "bad_payload"
    | "rate_limited"
    | "too_many_subscriptions"
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
 * Subscribing to a topic that one has already is answered `ok` again.
 */
export interface BarsSubscribe {
  type: "bars.subscribe";
  id?: RequestId;
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
 * The answer to `bars.subscribe`.
 *
 * Carries the topic's position, so that a client knows from where its updates count.
 */
export interface BarsSubscribeResponse {
  type: "bars.subscribe.response";
  id?: RequestId;
  seq?: Sequence;
  epoch?: Epoch;
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
 * A sign of life.
 *
 * Any message keeps a connection alive; this one is for clients that have nothing else to say.
 */
export interface Ping {
  type: "ping";
  id?: RequestId;
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
