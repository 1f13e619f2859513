// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  TreeClientMessage,
  TreeServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/tree`, by tag. */
export interface TreeEvents {}

/** Channel `/tree`. */
export class TreeSocket extends SocketBase<
  TreeClientMessage,
  TreeServerMessage,
  TreeEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Tree */
export class TreeClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/tree`.
   *
   * Connects with the first use.
   */
  tree(options?: SocketOptions): TreeSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/tree", {}, all.query);
    return new TreeSocket(url, all);
  }
}
