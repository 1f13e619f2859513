import type { ConnectionClosedError } from "./errors.js";
import type { State } from "./link.js";
import type { Hole } from "./subscriptions.js";

/** What a component shows of a topic. */
export interface View<Status, Data, Failure> {
  /**
   * `idle`: nothing is chosen. `loading`: asked for, and nothing has come yet. `live`: here it is; it stays so while
   * the client reconnects. `error`: refused, or the connection is closed for good; it is asked for again when the
   * connection is opened again.
   */
  readonly status: Status;
  readonly data: Data;
  /** Why there is nothing; while `loading`, why the last attempt failed, after which there is another. */
  readonly error: Failure;
  /** The last time that updates were missed for good; undefined where none were. A reset takes away what was shown. */
  readonly hole: Hole | undefined;
}

/** The latest body of a topic's updates. */
export type Latest<Body> =
  | View<"idle", undefined, undefined>
  | View<"loading", undefined, Error | undefined>
  | View<"live", Body, undefined>
  | View<"error", Body | undefined, Error>;

/** Several bodies of a topic's updates, the newest first. */
export type Tape<Body> =
  | View<"idle" | "live", readonly Body[], undefined>
  | View<"loading", readonly Body[], Error | undefined>
  | View<"error", readonly Body[], Error>;

export interface TapeOptions {
  /** How many bodies are kept; 100 if not given. */
  readonly limit?: number | undefined;
}

/** A connection's state and, where it is not open, why it was lost. */
export interface ConnectionState {
  readonly state: State;
  readonly reason: ConnectionClosedError | undefined;
}

export type AnyView<Data> = View<"idle" | "loading" | "live" | "error", Data, Error | undefined>;

/** How a topic's bodies become what is shown. */
export interface Kind<Body, Data> {
  /** How many bodies are kept. */
  readonly limit: number;
  readonly idle: AnyView<Data>;
  readonly loading: AnyView<Data>;
  add(data: Data, body: Body): Data;
}

function blank<Data>(status: "idle" | "loading", data: Data): AnyView<Data> {
  return { status, data, error: undefined, hole: undefined };
}

// Made once: what is shown must be the same object for as long as nothing changes.
const NONE = [] as const;
const NO_TAPE = { idle: blank("idle", NONE), loading: blank("loading", NONE) };
const LATEST: Kind<unknown, unknown> = {
  limit: 1,
  idle: blank("idle", undefined),
  loading: blank("loading", undefined),
  add: (_, body) => body,
};

/** The latest. */
export function latestKind<Body>(): Kind<Body, Body | undefined> {
  return LATEST as Kind<Body, Body | undefined>;
}

/** The last few. */
export function tapeKind<Body>({ limit = 100 }: TapeOptions = {}): Kind<Body, readonly Body[]> {
  return { limit, ...NO_TAPE, add: (bodies, body) => [body, ...bodies.slice(0, limit - 1)] };
}

/** The latest of each value of a property, those with the greatest values first. */
export function keyedKind<Body>(
  key: keyof Body,
  { limit = 100 }: TapeOptions = {},
): Kind<Body, readonly Body[]> {
  return {
    limit,
    ...NO_TAPE,
    add: (bodies, body) => {
      const greater = bodies.filter((other) => other[key] > body[key]);
      const lesser = bodies.filter((other) => other[key] < body[key]);
      return [...greater, body, ...lesser].slice(0, limit);
    },
  };
}
