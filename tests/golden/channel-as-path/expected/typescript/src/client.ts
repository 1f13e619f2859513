// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type {
  RoomsClientMessage,
  RoomsServerMessage,
  PresenceChannelClientMessage,
  PresenceChannelServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the path `/v1/rooms/{room}` is made of. */
export interface RoomsParameters {
  /** The room's name. */
  readonly room: string;
}

/** What the server sends over `/v1/rooms/{room}`, by tag. */
export interface RoomsEvents {}

/**
 * What is said in a room.
 *
 * Channel `/rooms/{room}`.
 */
export class RoomsSocket extends SocketBase<
  RoomsClientMessage,
  RoomsServerMessage,
  RoomsEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** What the server sends over `/v1/presence`, by tag. */
export interface PresenceChannelEvents {}

/** Channel `/presence`. */
export class PresenceChannelSocket extends SocketBase<
  PresenceChannelClientMessage,
  PresenceChannelServerMessage,
  PresenceChannelEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Rooms */
export class RoomsClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL = DEFAULT_URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * What is said in a room.
   *
   * Connects with the first use.
   */
  rooms(
    parameters: RoomsParameters,
    options?: SocketOptions,
  ): RoomsSocket {
    const all = { ...this.#options, ...options };
    const values = {
      room: parameters.room,
    };
    const url = socketUrl(this.#url, "/v1/rooms/{room}", values, all.query);
    return new RoomsSocket(url, all);
  }

  /**
   * Channel `/presence`.
   *
   * Connects with the first use.
   */
  presence(options?: SocketOptions): PresenceChannelSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/v1/presence", {}, all.query);
    return new PresenceChannelSocket(url, all);
  }
}
