import { Emitter } from "./emitter.js";
import type { Off, Reporter } from "./emitter.js";
import { RequestError } from "./errors.js";
import type { ConnectionClosedError } from "./errors.js";
import { Link } from "./link.js";
import type { RequestOptions, Tag } from "./pending.js";
import { Queue } from "./queue.js";
import type { BufferOptions } from "./queue.js";
import { webSocketUrl } from "./transport.js";
import type { CloseAdvice, TransportOptions } from "./transport.js";

/** `closed` is what a socket becomes when it ends, for whatever reason; it may be opened again. */
export type State = "idle" | "connecting" | "open" | "closed";

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface SocketOptions<Q extends Query = Query> extends TransportOptions, BufferOptions {
  /** How long connecting, and each request, may take, in milliseconds; 10000 if not given. */
  timeoutMs?: number | undefined;
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
  readonly #link: SocketLink;
  readonly #options: SocketOptions;
  readonly #queues = new Set<Queue<In>>();
  readonly #tagged = new Map<string, Emitter<[message: unknown]>>();
  readonly #reporter: Reporter = { report: (error) => this.#report(error) };
  readonly #messages = new Emitter<[message: In]>(this.#reporter);
  readonly #states = new Emitter<[state: State, reason: ConnectionClosedError | undefined]>(this.#reporter);
  readonly #errors = new Emitter<[error: Error]>({ report: (error) => console.error(error) });
  readonly #answerPaths = new Set<Path>();
  /** Whether nothing but `open()` opens it again. */
  #shut = false;

  constructor(protocol: SocketProtocol, url: string, options: SocketOptions) {
    this.#protocol = protocol;
    this.#options = options;
    this.#link = new SocketLink(protocol, url, options, {
      start: () => this.#start(),
      receive: (frame) => this.#receive(frame),
      report: (error) => this.#report(error),
      lost: (reason) => this.#lost(reason),
      changed: (state, reason) => this.#changed(state as State, reason),
    });
  }

  /** Where the socket connects to. */
  get url(): string {
    return this.#link.url;
  }

  get state(): State {
    return this.#link.state as State;
  }

  /** Connects now, rather than with the first message; also after `close()`. */
  open(): Promise<void> {
    this.#shut = false;
    return this.#link.wait<void>((resolve) => resolve());
  }

  close(code = 1000, reason = ""): void {
    this.#shut = true;
    this.#link.end(code, reason);
  }

  /** Sends a message, connecting first where that is needed. */
  send(message: Out): Promise<void> {
    return this.#link.wait<void>((resolve) => {
      this.#link.send(message);
      resolve();
    });
  }

  /** Hears the messages of one kind, told by their tag. */
  on<Name extends keyof Events>(tag: Name, listener: (message: Events[Name]) => void): Off {
    const key = String(tag);
    let emitter = this.#tagged.get(key);
    if (!emitter) {
      emitter = new Emitter(this.#reporter);
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
    try {
      this.#link.start();
    } catch (error) {
      queue.end(error as Error);
    }
    return queue;
  }

  /** Sends a request and waits for its answer. */
  protected request<Answer>(exchange: MessageExchange, message: object, options?: RequestOptions): Promise<Answer> {
    const { tag, id: paths, stringIds } = exchange;
    if (paths) {
      this.#answerPaths.add(paths[1]);
    }
    return this.#link.run<Answer>(
      exchange.response,
      (id) => {
        let frame: unknown = message;
        if (tag) {
          frame = withValue(frame, tag[0], tag[1]);
        }
        return paths ? withValue(frame, paths[0], stringIds ? String(id) : id) : frame;
      },
      (answer, answerTag) => {
        if (exchange.response !== undefined && answerTag !== exchange.response) {
          throw new RequestError(answer);
        }
        return answer as Answer;
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
    this.#link.settle(id, tag, frame);
    this.#tagged.get(String(tag))?.emit(frame);
    this.#messages.emit(frame as In);
    for (const queue of this.#queues) {
      queue.push(frame as In);
    }
  }

  /** Connects where that is needed; throws where that fails at once. */
  #start(): void {
    if (!this.#shut) {
      this.#link.begin();
    }
  }

  #lost(reason: ConnectionClosedError): void {
    for (const queue of [...this.#queues]) {
      queue.end(reason.code === 1000 ? undefined : reason);
    }
  }

  #changed(state: State, reason: ConnectionClosedError | undefined): void {
    this.#states.emit(state, reason);
  }

  #report(error: unknown): void {
    if (!this.#errors.emit(error instanceof Error ? error : new Error(String(error)))) {
      console.error(error);
    }
  }
}

interface SocketEvents {
  start(): void;
  receive(frame: unknown): void;
  report(error: unknown): void;
  lost(reason: ConnectionClosedError): void;
  changed(state: string, reason: ConnectionClosedError | undefined): void;
}

/** A link that does not come back of its own accord, but with whatever is sent next. */
class SocketLink extends Link {
  readonly #events: SocketEvents;

  constructor(protocol: CloseAdvice, url: string, options: SocketOptions, events: SocketEvents) {
    super(protocol, url, { ...options, reconnect: false, maxQueued: Infinity });
    this.#events = events;
  }

  override start(): void {
    this.#events.start();
    super.start();
  }

  receive(frame: unknown): void {
    this.#events.receive(frame);
  }

  report(error: unknown): void {
    this.#events.report(error);
  }

  lost(reason: ConnectionClosedError): void {
    this.#events.lost(reason);
  }

  changed(state: string, reason: ConnectionClosedError | undefined): void {
    this.#events.changed(state, reason);
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
