// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export type * from "./models.js";
export type * as models from "./models.js";
export type {
  RoomsClientMessage,
  RoomsServerMessage,
  PresenceChannelClientMessage,
  PresenceChannelServerMessage,
} from "./messages.js";
export {
  RoomsClient,
  RoomsSocket,
  PresenceChannelSocket,
} from "./client.js";
export type {
  RoomsParameters,
  RoomsEvents,
  PresenceChannelEvents,
} from "./client.js";
export {
  CONTRACT_VERSION,
  DEFAULT_URL,
} from "./constants.js";
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
export type { Query, SocketOptions, State } from "./runtime/socket.js";
