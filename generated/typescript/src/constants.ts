// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** The version of the contract. */
export const CONTRACT_VERSION = "1.3.0";

/** Where a client connects to if it is not told. */
export const DEFAULT_URL = "ws://localhost:8000/api/v1/ws";

/** How long a connection may be silent, and how long it may live, in milliseconds. */
export const HEARTBEAT = {
  intervalMs: 30000,
  lifespanMs: 3600000,
} as const;

/** What one client may do. */
export const LIMITS = {
  /** The largest message, in bytes, that the server reads. */
  messageBytes: 65536,
  /** How many messages a client may send in each second, for as long as it likes. */
  messagesPerSecond: 50,
  /** How many messages a client may send at once, after it was silent. */
  messageBurst: 200,
  /** How many topics one connection may be subscribed to. */
  subscriptionsPerConnection: 500,
  /** How many connections there may be from one network address. */
  connectionsPerAddress: 1000,
  /** How many connections there may be whose tokens name one user. */
  connectionsPerUser: 100,
} as const;

/** What a reader that is too slow gets: the latest only (`conflate`), or everything (`lossless`). */
export const DELIVERY = {
  bars: "conflate",
  quotes: "conflate",
  trades: "lossless",
  orderbook: "conflate",
  account: "lossless",
  positions: "lossless",
  orders: "lossless",
} as const;

/** What a token must grant to those who use a channel: all `scopes`, and the topic's value of `parameter`. */
export const ACCESS = {
  account: { scopes: ["account:read"], parameter: "accountId" },
  positions: { scopes: ["account:read"], parameter: "accountId" },
  orders: { scopes: ["account:read"], parameter: "accountId" },
} as const;

/** Why the server closes a connection, and what a client is to do then. */
export const CLOSE_CODES = {
  1003: {
    name: "undecodable",
    client: "stop",
    description: "The client sent data of a kind that this service does not read.",
  },
  1007: {
    name: "bad_utf8",
    client: "stop",
    description: "A text frame was not valid UTF-8.",
  },
  1009: {
    name: "too_big",
    client: "stop",
    description: "A message was larger than the service accepts.",
  },
  1011: {
    name: "server_fault",
    client: "reconnect",
    description: "The service failed; it is not the client's fault.",
  },
  1012: {
    name: "restart",
    client: "reconnect",
    description: "The service restarts.",
  },
  4000: {
    name: "drain",
    client: "reconnect",
    description: "The service sends its connections elsewhere; reconnect within the advised window.",
  },
  4001: {
    name: "lifespan_over",
    client: "reconnect",
    description: "The connection has lived as long as connections may; open another.",
  },
  4002: {
    name: "heartbeat_missed",
    client: "reconnect",
    description: "Nothing came from the client within the heartbeat interval.",
  },
  4003: {
    name: "token_expired",
    client: "reconnect",
    description: "The token is no longer valid; fetch another, then reconnect.",
  },
  4004: {
    name: "slow_consumer",
    client: "reconnect",
    description: "What waited for the client was too much and could not be folded any further; reconnect and expect snapshots.",
  },
  4006: {
    name: "rate_limited",
    client: "reconnect",
    description: "The client kept sending faster than allowed, though refused; reconnect after the advised wait.",
  },
  4500: {
    name: "bad_token",
    client: "stop",
    description: "The token is not one that this service accepts.",
  },
  4501: {
    name: "too_many_errors",
    client: "stop",
    description: "The client kept sending what cannot be understood.",
  },
  4503: {
    name: "forbidden",
    client: "stop",
    description: "The client may not use this service.",
  },
  4504: {
    name: "connection_limit",
    client: "stop",
    description: "There are already as many connections as are allowed, from one address, of one user, or in all.",
  },
} as const;
