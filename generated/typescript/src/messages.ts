// Generated from spec/asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type ClientMessage =
  | models.BarsSubscribe
  | models.BarsUnsubscribe
  | models.Ping;

/** Everything that the server sends. */
export type ServerMessage =
  | models.BarsSubscribeResponse
  | models.BarsUnsubscribeResponse
  | models.BarsUpdate
  | models.Pong
  | models.ServerShutdown
  | models.Error;
