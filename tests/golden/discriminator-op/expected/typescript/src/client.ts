// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import { DEFAULT_URL } from "./constants.js";
import type {
  RootClientMessage,
  RootServerMessage,
} from "./messages.js";
import type * as models from "./models.js";
import type { RequestOptions } from "./runtime/pending.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/`, by tag. */
export interface RootEvents {
  added: models.Added;
  changed: models.Changed;
}

/** Channel `/`. */
export class RootSocket extends SocketBase<
  RootClientMessage,
  RootServerMessage,
  RootEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ tag: ["op"], stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }

  /** Message `add`. */
  add(
    message: Omit<models.Add, "op" | "id">,
    options?: RequestOptions,
  ): Promise<models.Added> {
    return this.request(
      {
        tag: [["op"], "add"],
        response: "added",
        id: [["id"], ["id"]],
      },
      message,
      options,
    );
  }
}

/** Counter */
export class CounterClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL = DEFAULT_URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/`.
   *
   * Connects with the first use.
   */
  root(options?: SocketOptions): RootSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/", {}, all.query);
    return new RootSocket(url, all);
  }
}
