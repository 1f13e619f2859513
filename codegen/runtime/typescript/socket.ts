import { Emitter } from "./emitter.js";
import type { Off } from "./emitter.js";
import { ConnectionClosedError, RequestError } from "./errors.js";
import { PendingRequests } from "./pending.js";
import type { RequestOptions, Tag } from "./pending.js";
import { Queue } from "./queue.js";
import type { BufferOptions } from "./queue.js";
import { Transport, webSocketUrl } from "./transport.js";
import type { CloseAdvice, State, TransportOptions } from "./transport.js";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SocketOptions<Q extends Query = Query> extends TransportOptions, BufferOptions {
  /** What to add to the URL after the question mark. */
  query?: Q | undefined;
}

/** Property names from the root of a message down to one of its values. */
export type Path = readonly string[];

/** What the contract says of one socket. */
export interface SocketProtocol extends CloseAdvice {
  /** Where the tag of what the server sends stands. */
  readonly tag?: Path;
}

/** A request: its constant parts, and how its answer is found. */
export interface MessageExchange {
  /** Where the request's own tag stands, and what it is. */
  readonly tag?: readonly [path: Path, value: Tag];
  /** The answer's tag. */
  readonly response?: Tag;
  /** Where the id stands in the request, and in the answer; without them the next answer is taken. */
  readonly id?: readonly [request: Path, response: Path];
  readonly stringIds?: boolean;
}

/** A socket of its own for each channel: messages as they are, without an envelope. */
export abstract class SocketBase<Out, In, Events extends object> implements AsyncIterable<In> {
  readonly #protocol: SocketProtocol;
  readonly #transport: Transport;
  readonly #pending: PendingRequests;
  readonly #options: SocketOptions;
  readonly #queues = new Set<Queue<In>>();
  readonly #tagged = new Map<string, Emitter<[message: unknown]>>();
  readonly #failed = (error: unknown): void => this.#listenerFailed(error);
  readonly #messages = new Emitter<[message: In]>(this.#failed);
  readonly #states = new Emitter<[state: State, reason: ConnectionClosedError | undefined]>(this.#failed);
  readonly #errors = new Emitter<[error: Error]>((error) => console.error(error));
  #answerPaths = new Set<Path>();

  constructor(protocol: SocketProtocol, url: string, options: SocketOptions) {
    this.#protocol = protocol;
    this.#options = options;
    this.#transport = new Transport(
      url,
      options,
      {
        frame: (frame) => this.#receive(frame),
        state: (state, reason) => this.#changed(state, reason),
        error: (error) => this.#errors.emit(error),
      },
      protocol,
    );
    this.#pending = new PendingRequests(this.#transport, options.timeoutMs);
  }

  /** Where the socket connects to. */
  get url(): string {
    return this.#transport.url;
  }

  get state(): State {
    return this.#transport.state;
  }

  /** Connects now, rather than with the first message; also after `close()`. */
  open(): Promise<void> {
    return this.#transport.open(true);
  }

  close(code = 1000, reason = ""): void {
    this.#transport.shut(code, reason);
  }

  /** Sends a message, connecting first where that is needed. */
  async send(message: Out): Promise<void> {
    await this.#transport.open();
    this.#transport.send(message);
  }

  /** Hears the messages of one kind, told by their tag. */
  on<Name extends keyof Events>(tag: Name, listener: (message: Events[Name]) => void): Off {
    const key = String(tag);
    let emitter = this.#tagged.get(key);
    if (!emitter) {
      emitter = new Emitter(this.#failed);
      this.#tagged.set(key, emitter);
    }
    return emitter.add(listener as (message: unknown) => void);
  }

  /** Hears every message. */
  onMessage(listener: (message: In) => void): Off {
    return this.#messages.add(listener);
  }

  /** Hears of every change of state; of the reason, where the connection is gone. */
  onState(listener: (state: State, reason: ConnectionClosedError | undefined) => void): Off {
    return this.#states.add(listener);
  }

  /** Hears of frames that cannot be read, and of listeners that throw. */
  onError(listener: (error: Error) => void): Off {
    return this.#errors.add(listener);
  }

  /** Every message from now on; connects where that is needed. Ends with `close()`, throws when the connection is lost. */
  [Symbol.asyncIterator](): AsyncIterableIterator<In> {
    const queue = new Queue<In>(this.#options, () => this.#queues.delete(queue));
    this.#queues.add(queue);
    this.#transport.open().catch((error: Error) => queue.end(error));
    return queue;
  }

  /** Sends a request and waits for its answer. */
  protected request<Answer>(exchange: MessageExchange, message: object, options?: RequestOptions): Promise<Answer> {
    const { tag, id: paths, stringIds } = exchange;
    if (paths) {
      this.#answerPaths.add(paths[1]);
    }
    return this.#pending.run<Answer>(
      {
        response: exchange.response,
        frame: (id) => {
          let frame: unknown = message;
          if (tag) {
            frame = withValue(frame, tag[0], tag[1]);
          }
          return paths ? withValue(frame, paths[0], stringIds ? String(id) : id) : frame;
        },
        accept: (answer, answerTag) => {
          if (exchange.response !== undefined && answerTag !== exchange.response) {
            throw new RequestError(answer);
          }
          return answer as Answer;
        },
      },
      options,
    );
  }

  #receive(frame: unknown): void {
    const { tag: path } = this.#protocol;
    const tag = path && valueAt(frame, path);
    let id: unknown;
    for (const answerPath of this.#answerPaths) {
      id ??= valueAt(frame, answerPath);
    }
    this.#pending.settle(id, tag, frame);
    this.#tagged.get(String(tag))?.emit(frame);
    this.#messages.emit(frame as In);
    for (const queue of this.#queues) {
      queue.push(frame as In);
    }
  }

  #changed(state: State, reason: ConnectionClosedError | undefined): void {
    if (reason) {
      this.#pending.failAll(reason);
      for (const queue of [...this.#queues]) {
        queue.end(reason.code === 1000 ? undefined : reason);
      }
    }
    this.#states.emit(state, reason);
  }

  #listenerFailed(error: unknown): void {
    if (this.#errors.used) {
      this.#errors.emit(error instanceof Error ? error : new Error(String(error)));
    } else {
      console.error(error);
    }
  }
}

/** The URL of a socket: the server's with the socket's path, which may repeat the server's own, and the query. */
export function socketUrl(
  server: string | URL,
  path: string,
  parameters: Readonly<Record<string, string>>,
  query: Query = {},
): string {
  const filled = path.replace(/\{([^{}]+)\}/g, (_, name: string) => encodeURIComponent(String(parameters[name])));
  const url = new URL(webSocketUrl(server));
  const base = url.pathname.replace(/\/+$/, "");
  url.pathname = filled === base || filled.startsWith(`${base}/`) ? filled : base + filled;
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined) {
      url.searchParams.set(name, String(value));
    }
  }
  return url.href;
}

function valueAt(message: unknown, path: Path): unknown {
  return path.reduce<unknown>((at, key) => (Object(at) as Record<string, unknown>)[key], message);
}

/** A copy of a message with one more value in it. */
function withValue(message: unknown, [key, ...rest]: Path, value: unknown): unknown {
  if (key === undefined) {
    return value;
  }
  const object = Object(message) as Record<string, unknown>;
  return { ...object, [key]: withValue(object[key] ?? {}, rest, value) };
}
