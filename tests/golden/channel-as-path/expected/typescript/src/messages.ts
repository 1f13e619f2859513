// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type RoomsClientMessage =
  | models.Say;

/** Everything that the server sends. */
export type RoomsServerMessage =
  | models.Said;

/** Everything that clients send. */
export type PresenceChannelClientMessage = never;

/** Everything that the server sends. */
export type PresenceChannelServerMessage =
  | models.Presence;
