// Does what commands say with clients of the package, and tells what it sees. It knows no scenario.

import * as api from "trading-client";

type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

interface Problem {
  readonly name: string;
  readonly message: string;
  readonly code?: string | number;
  readonly reason?: string;
  readonly retryable?: boolean;
  readonly retry_after_ms?: number;
}

export interface Command {
  readonly do: string;
  readonly re: number;
  readonly client: string;
  readonly sub: string;
  readonly url: string;
  readonly channel: string;
  readonly operation: string;
  readonly payload: object;
  readonly how: "listener" | "items" | "frames";
  readonly target: number;
  readonly value: number;
  readonly options: {
    readonly timeout_ms?: number;
    readonly max_queued?: number;
    readonly buffer?: number;
    readonly reconnect?: readonly [minMs: number, maxMs: number] | false;
    /** What the token callback gives, one after another; the last one again and again. */
    readonly tokens?: readonly (string | null)[];
    readonly on_hole?: boolean;
    /** What a listener does with each update, beside telling of it. */
    readonly then?: "throw" | "leave" | "close";
  };
}

type Tell = (event: { readonly [name: string]: Json | undefined }) => void;

interface Subscription extends AsyncIterable<unknown> {
  readonly topic: string;
  readonly active: boolean;
  readonly latest: unknown;
  unsubscribe(): Promise<void>;
}

type Call = (...args: unknown[]) => unknown;

const NAMES: Readonly<Record<string, string>> = {
  RequestError: "Refused",
  ResponseTimeoutError: "Timeout",
  ConnectionClosedError: "Lost",
  QueueFullError: "QueueFull",
  BufferOverflowError: "Overflow",
  ProtocolError: "Protocol",
  AbortError: "Aborted",
};

/** An object as text: an error's own, or JSON. */
function inspect(value: unknown): string {
  return value instanceof Error ? String(value) : JSON.stringify(value);
}

function problem(error: unknown): Json {
  const { name, message, code, reason, retryable, retryAfterMs } = error as Problem & { retryAfterMs?: number };
  return JSON.parse(
    JSON.stringify({ name: NAMES[name] ?? name, message, code, reason, retryable, retry_after_ms: retryAfterMs }),
  ) as Json;
}

export class Driver {
  readonly #tell: Tell;
  readonly #clients = new Map<string, api.TradingClient>();
  readonly #subscriptions = new Map<string, Subscription>();
  /** What was handed out, to be looked at again. */
  readonly #kept = new Map<string, Json[]>();
  readonly #aborts = new Map<number, AbortController>();

  constructor(tell: Tell) {
    this.#tell = tell;
    for (const level of ["warn", "error"] as const) {
      console[level] = (...said: unknown[]) => {
        tell({ event: "complaint", text: said.map((part) => (Object(part) === part ? inspect(part) : part)).join(" ") });
      };
    }
  }

  async obey(command: Command): Promise<void> {
    const { re } = command;
    try {
      const value = await this.#do(command);
      this.#tell({ event: "answer", re, value: (value ?? null) as Json });
    } catch (error) {
      this.#tell({ event: "failed", re, error: problem(error) });
    } finally {
      this.#aborts.delete(re);
    }
  }

  #do(command: Command): unknown {
    const client = this.#clients.get(command.client) as api.TradingClient;
    const subscription = this.#subscriptions.get(command.sub) as Subscription;
    switch (command.do) {
      case "create":
        return this.#create(command);
      case "connect":
        return client.connect();
      case "close":
        return client.close();
      case "state":
        return client.state;
      case "request":
        return this.#request(client, command);
      case "subscribe":
        return this.#subscribe(client, command);
      case "unsubscribe":
        return subscription.unsubscribe();
      case "latest":
        return subscription.latest;
      case "kept":
        return this.#kept.get(command.sub);
      case "active":
        return subscription.active;
      case "abort":
        return this.#aborts.get(command.target)?.abort();
      case "dice":
        Math.random = () => command.value;
        return undefined;
      default:
        throw new RangeError(`There is no command ${command.do}`);
    }
  }

  #create({ client: name, url, options }: Command): void {
    const { timeout_ms, max_queued, reconnect, tokens } = options;
    let given = 0;
    const client = new api.TradingClient(url, {
      ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }),
      ...(max_queued !== undefined && { maxQueued: max_queued }),
      ...(reconnect !== undefined && {
        reconnect: reconnect === false ? false : { minMs: reconnect[0], maxMs: reconnect[1] },
      }),
      ...(tokens && {
        token: async () => {
          const token = tokens[Math.min(given++, tokens.length - 1)];
          this.#tell({ event: "token", client: name, token });
          if (token == null) {
            throw new Error("there is no token");
          }
          return token;
        },
      }),
    });
    this.#clients.set(name, client);
    client.onState((state, reason) =>
      this.#tell({ event: "state", client: name, state, reason: reason ? problem(reason) : null }),
    );
    client.onError((error) => this.#tell({ event: "complaint", client: name, text: String(error) }));
    if (options.on_hole) {
      client.onHole((hole) => this.#tell({ event: "hole", client: name, hole: hole as unknown as Json }));
    }
  }

  async #request(client: api.TradingClient, command: Command): Promise<unknown> {
    const channel = client[command.channel as "session"] as unknown as Readonly<Record<string, Call>>;
    const call = channel[command.operation] as Call;
    const options = this.#options(command);
    return command.payload ? call.call(channel, command.payload, options) : call.call(channel, options);
  }

  async #subscribe(client: api.TradingClient, command: Command): Promise<Json> {
    const { sub, how, options } = command;
    const channel = client[command.channel as "bars"] as unknown as { subscribe: Call };
    const kept: Json[] = [];
    this.#kept.set(sub, kept);
    const listener = (body: Json, frame: Json): void => {
      kept.push(body);
      this.#tell({ event: "update", sub, body: how === "frames" ? frame : body });
      if (options.then === "throw") {
        throw new Error("a listener fails");
      } else if (options.then === "close") {
        client.close();
      } else if (options.then === "leave") {
        void this.#subscriptions.get(sub)?.unsubscribe();
      }
    };
    const subscription = (await channel.subscribe(command.payload, how === "items" ? undefined : listener, {
      ...this.#options(command),
      ...(options.on_hole && { onHole: (hole: Json) => this.#tell({ event: "hole", sub, hole }) }),
    })) as Subscription;
    this.#subscriptions.set(sub, subscription);
    void this.#iterate(sub, subscription, how === "items");
    return subscription.topic;
  }

  /** Tells of the items, where they are asked for, and of the end. */
  async #iterate(sub: string, subscription: Subscription, tells: boolean): Promise<void> {
    try {
      for await (const body of subscription) {
        if (tells) {
          this.#kept.get(sub)?.push(body as Json);
          this.#tell({ event: "update", sub, body: body as Json });
        }
      }
      this.#tell({ event: "ended", sub, error: null });
    } catch (error) {
      this.#tell({ event: "ended", sub, error: problem(error) });
    }
  }

  #options({ re, options }: Command): object {
    const controller = new AbortController();
    this.#aborts.set(re, controller);
    const { timeout_ms, buffer } = options;
    return {
      signal: controller.signal,
      ...(timeout_ms !== undefined && { timeoutMs: timeout_ms }),
      ...(buffer !== undefined && { buffer }),
    };
  }
}
