// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  StateChannelClientMessage,
  StateChannelServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/state`, by tag. */
export interface StateChannelEvents {}

/** Channel `/state`. */
export class StateChannelSocket extends SocketBase<
  StateChannelClientMessage,
  StateChannelServerMessage,
  StateChannelEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Null and absent */
export class NullAndAbsentClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/state`.
   *
   * Connects with the first use.
   */
  stateChannel(options?: SocketOptions): StateChannelSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/state", {}, all.query);
    return new StateChannelSocket(url, all);
  }
}
