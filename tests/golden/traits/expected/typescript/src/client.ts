// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  JobsClientMessage,
  JobsServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/jobs`, by tag. */
export interface JobsEvents {}

/** Channel `/jobs`. */
export class JobsSocket extends SocketBase<
  JobsClientMessage,
  JobsServerMessage,
  JobsEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Traits */
export class TraitsClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/jobs`.
   *
   * Connects with the first use.
   */
  jobs(options?: SocketOptions): JobsSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/jobs", {}, all.query);
    return new JobsSocket(url, all);
  }
}
