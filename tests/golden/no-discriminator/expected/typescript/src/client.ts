// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  FeedClientMessage,
  FeedServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/feed`, by tag. */
export interface FeedEvents {}

/** Channel `/feed`. */
export class FeedSocket extends SocketBase<
  FeedClientMessage,
  FeedServerMessage,
  FeedEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Untagged */
export class UntaggedClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/feed`.
   *
   * Connects with the first use.
   */
  feed(options?: SocketOptions): FeedSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/feed", {}, all.query);
    return new FeedSocket(url, all);
  }
}
