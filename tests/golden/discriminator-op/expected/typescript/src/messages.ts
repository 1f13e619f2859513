// Generated from asyncapi.yaml. Do not edit; run "nox -s generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type RootClientMessage =
  | models.Add
  | models.Reset;

/** Everything that the server sends. */
export type RootServerMessage =
  | models.Added
  | models.Changed;
