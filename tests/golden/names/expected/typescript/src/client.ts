// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

import type {
  ClassClientMessage,
  ClassServerMessage,
} from "./messages.js";
import { SocketBase, socketUrl } from "./runtime/socket.js";
import type { SocketOptions } from "./runtime/socket.js";

/** What the path `/class/{import}` is made of. */
export interface ClassParameters {
  readonly import_: string;
}

/** What the server sends over `/class/{import}`, by tag. */
export interface ClassEvents {}

/** Channel `/class/{import}`. */
export class ClassSocket extends SocketBase<
  ClassClientMessage,
  ClassServerMessage,
  ClassEvents
> {
  constructor(url: string, options: SocketOptions = {}) {
    super({ stops: (code) => [1002, 1003, 1007, 1008, 1009, 1010].includes(code) || (code >= 4500 && code < 5000) }, url, options);
  }
}

/** 2 odd: names */
export class N2OddNamesClient {
  readonly #url: string | URL;
  readonly #options: SocketOptions;

  /** `options` hold for all sockets that do not have their own. */
  constructor(url: string | URL, options: SocketOptions = {}) {
    this.#url = url;
    this.#options = options;
  }

  /**
   * Channel `/class/{import}`.
   *
   * Connects with the first use.
   */
  class(
    parameters: ClassParameters,
    options?: SocketOptions,
  ): ClassSocket {
    const all = { ...this.#options, ...options };
    const values = {
      import: parameters.import_,
    };
    const url = socketUrl(this.#url, "/class/{import}", values, all.query);
    return new ClassSocket(url, all);
  }
}
