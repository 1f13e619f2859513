// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type RootClientMessage =
  | models.Add
  | models.Reset;

/** Everything that the server sends. */
export type RootServerMessage =
  | models.Added
  | models.Changed;
