// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** The version of the contract. */
export const CONTRACT_VERSION = "1.0.0";

/** Where a client connects to if it is not told. */
export const DEFAULT_URL = "ws://localhost:9000/light";

/** What one client may do. */
export const LIMITS = {
  /** How many connections there may be from one network address. */
  connectionsPerAddress: 3,
  /** The largest message, in bytes, that the server reads. */
  messageBytes: 4096,
} as const;

/** Why the server closes a connection, and what a client is to do then. */
export const CLOSE_CODES = {
  4000: {
    name: "dark",
    client: "reconnect",
    description: "The lamp is being changed.",
  },
  4100: {
    name: "scrapped",
    client: "stop",
    description: "",
  },
  4500: {
    name: "fog",
    client: "reconnect",
    description: "",
  },
  4501: {
    name: "reef",
    client: "stop",
    description: "",
  },
} as const;
