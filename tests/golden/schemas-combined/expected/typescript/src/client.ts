// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  ShapesClientMessage,
  ShapesServerMessage,
} from "./messages.js";
import type * as models from "./models.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the server sends over `/shapes`, by tag. */
export interface ShapesEvents {
  circle: models.Shape & { kind: "circle" };
  square: models.Shape & { kind: "square" };
}

/** Channel `/shapes`. */
export class ShapesSocket extends SocketBase<
  ShapesClientMessage,
  ShapesServerMessage,
  ShapesEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ tag: ["kind"], stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** Combined */
export class CombinedClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/shapes`.
   *
   * Connects with the first use.
   */
  shapes(options?: SocketOptions): ShapesSocket {
    const all = { ...this.#options, ...options };
    const url = socketUrl(this.#url, "/shapes", {}, all.query);
    return new ShapesSocket(url, all);
  }
}
