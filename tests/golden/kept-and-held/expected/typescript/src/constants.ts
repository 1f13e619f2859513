// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** The version of the contract. */
export const CONTRACT_VERSION = "1.0.0";

/** Where a client connects to if it is not told. */
export const DEFAULT_URL = "ws://localhost:9000/live";

/** What a reader that is too slow gets: the latest only (`conflate`), or everything (`lossless`). */
export const DELIVERY = {
  sounding: "conflate",
  alarm: "conflate",
  outlook: "lossless",
} as const;

/** What a token must grant to those who use a channel: all `scopes`, and the topic's value of `parameter`. */
export const ACCESS = {
  sounding: { scopes: ["winds:read", "live"], parameter: "station" },
  alarm: { scopes: [], parameter: null },
} as const;
