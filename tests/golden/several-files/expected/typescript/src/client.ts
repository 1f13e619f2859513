// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  LikesClientMessage,
  LikesServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/likes`, by tag. */
export interface LikesEvents {}

/** Channel `/likes`. */
export class LikesSocket extends SocketBase<
  LikesClientMessage,
  LikesServerMessage,
  LikesEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Several files */
export class SeveralFilesClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/likes`.
   *
   * Connects with the first use.
   */
  likes(options?: SocketOptions): LikesSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/likes", {}, all.query);
    return new LikesSocket(url, all);
  }
}
