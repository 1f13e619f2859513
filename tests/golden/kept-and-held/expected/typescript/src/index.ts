// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export type * from "./models.js";
export type * as models from "./models.js";
export type {
  ClientMessage,
  ServerMessage,
} from "./messages.js";
export {
  SoundingsClient,
} from "./client.js";
export type {
  SoundingChannel,
  AlarmChannel,
  OutlookChannel,
  SessionChannel,
} from "./client.js";
export {
  CONTRACT_VERSION,
  DEFAULT_URL,
  DELIVERY,
  ACCESS,
} from "./constants.js";
export {
  soundingTopic,
  alarmTopic,
  outlookTopic,
  parseTopic,
} from "./topics.js";
export type {
  SoundingTopic,
  SoundingTopicParts,
  AlarmTopic,
  AlarmTopicParts,
  OutlookTopic,
  OutlookTopicParts,
  ParsedAddress,
} from "./topics.js";
export {
  BufferOverflowError,
  ClientError,
  ConnectionClosedError,
  ProtocolError,
  QueueFullError,
  RequestError,
  ResponseTimeoutError,
} from "./runtime/errors.js";
export type { ErrorDetail } from "./runtime/errors.js";
export type { Off } from "./runtime/emitter.js";
export type { RequestOptions } from "./runtime/pending.js";
export type { BufferOptions } from "./runtime/queue.js";
export type { SocketLike } from "./runtime/transport.js";
export type { Backoff } from "./runtime/timing.js";
export type { ClientOptions } from "./runtime/connection.js";
export type { State } from "./runtime/link.js";
export type { Hole, SubscribeOptions, Subscription, UpdateListener } from "./runtime/subscriptions.js";
