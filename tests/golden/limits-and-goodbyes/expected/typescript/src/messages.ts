// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type ClientMessage =
  | models.Look;

/** Everything that the server sends. */
export type ServerMessage =
  | models.Seen
  | models.LampGoing
  | models.Refused;
