// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type * as models from "./models.js";

/** Everything that clients send. */
export type ClientMessage =
  | models.SoundingSubscribe
  | models.AlarmSubscribe
  | models.OutlookSubscribe
  | models.Login;

/** Everything that the server sends. */
export type ServerMessage =
  | models.SoundingSubscribeResponse
  | models.SoundingUpdate
  | models.AlarmSubscribeResponse
  | models.AlarmUpdate
  | models.OutlookSubscribeResponse
  | models.OutlookUpdate
  | models.LoginResponse
  | models.Anew
  | models.Over
  | models.ProblemMessage;
