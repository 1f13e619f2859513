import { TradingClient, barsTopic, parseTopic, RequestError, ConnectionClosedError, CLOSE_CODES, LIMITS } from "package";
import type {
  Backoff,
  Bar,
  BarsChannel,
  BarsPage,
  BarsUpdate,
  Book,
  ClientMessage,
  ClientOptions,
  Hole,
  ServerMessage,
  State,
  Subscription,
  models,
} from "package";

const client = new TradingClient("ws://localhost/", { WebSocket, timeoutMs: 1000, protocols: ["a"] });
new TradingClient();
const backoff: Backoff = { minMs: 5 };
const options: ClientOptions = { token: async () => "secret", reconnect: backoff, maxQueued: 10, timeoutMs: 5 };
new TradingClient("ws://localhost/", options);
new TradingClient("ws://localhost/", { token: () => "secret", reconnect: false });
// @ts-expect-error: how long, or not at all
new TradingClient("ws://localhost/", { reconnect: true });
new TradingClient("ws://localhost/", { token: "secret" });
// @ts-expect-error: a token, or a way to one
new TradingClient("ws://localhost/", { token: { value: "secret" } });
// @ts-expect-error: a type only
new BarsChannel();
new TradingClient(new URL("https://localhost/"));

export async function run(maybe: string | undefined): Promise<void> {
  const subscription: Subscription<Bar> = await client.bars.subscribe({ symbol: "AAPL", resolution: "1" }, (bar, update) => {
    const close: number = bar.close;
    const latency: number | undefined = update.ts && Date.now() - update.ts;
    const whole: BarsUpdate = update;
    console.log(close, latency, whole.payload.open);
  });
  await client.bars.subscribe({ symbol: "AAPL" }, async () => {}, { signal: AbortSignal.timeout(5), buffer: 5 });
  for await (const bar of subscription) {
    const volume: number = bar.volume;
    // @ts-expect-error: no such field
    bar.colour;
    console.log(volume);
  }
  const answered: number = (await client.session.ping()).ts;
  const off: () => void = client.onState((state: State, reason) => console.log(state, reason?.code));
  off();
  const deaf: () => void = client.session.onServerShutdown((shutdown: models.ServerShutdown) =>
    console.log(shutdown.payload.reconnect_in_ms_max satisfies number),
  );
  deaf();
  const whole: () => void = client.onHole(({ topic, reason, after, seq }: Hole) => {
    console.log(topic, reason satisfies "reconnect" | "gap" | "checksum" | "reset", (seq ?? 0) - (after ?? 0));
  });
  whole();
  await client.connect({ timeoutMs: 5, signal: AbortSignal.timeout(5) });
  const book: Subscription<Book> = await client.orderbook.subscribe({ symbol: "AAPL", depth: 10 }, ({ bids, asks }) => {
    console.log(bids[0]?.price satisfies number | undefined, asks.length);
  }, { onHole: (hole) => console.log(hole.topic) });
  const best: number | undefined = book.latest?.bids[0]?.price;
  const page: BarsPage = await client.bars.history({ symbol: "AAPL", limit: 5 });
  const channel: BarsChannel = client.bars;
  console.log(best, page.complete, channel);
  // @ts-expect-error: no such depth
  await client.orderbook.subscribe({ symbol: "AAPL", depth: 11 });
  // @ts-expect-error: what is held is not to be replaced
  book.latest = undefined;
  console.log(answered, LIMITS.messageBytes satisfies 65536);

  // @ts-expect-error: the symbol is missing
  await client.bars.subscribe({ resolution: "1" });
  // @ts-expect-error: a wrong type
  await client.bars.subscribe({ symbol: 1 });
  // @ts-expect-error: no such field
  await client.bars.subscribe({ symbol: "AAPL", color: "red" });
  // @ts-expect-error: absent and undefined are not the same
  await client.bars.subscribe({ symbol: "AAPL", resolution: maybe });
  // @ts-expect-error: no such channel
  client.candles;
  // @ts-expect-error: no such option
  await client.bars.subscribe({ symbol: "AAPL" }, () => {}, { buffers: 5 });
  // @ts-expect-error: a listener for something else
  await client.bars.subscribe({ symbol: "AAPL" }, (trade: { price: number }) => console.log(trade));
  // @ts-expect-error: its address cannot be changed
  subscription.topic = "";
  // @ts-expect-error: not for users
  client.connection;
}

export function read(message: ServerMessage): number {
  switch (message.type) {
    case "bars.update":
      return message.payload.close;
    case "quotes.update":
      return message.payload.last ?? 0;
    case "trades.update":
      return message.payload.price;
    case "orderbook.update":
      return message.payload.bids.length;
    case "account.update":
      return message.payload.balance.length;
    case "positions.update":
      return message.payload.positions.length;
    case "orders.update":
      return message.payload.orders.length;
    case "topic.reset":
    case "topic.closed":
      return message.payload.code.length;
    case "account.subscribe.response":
    case "positions.subscribe.response":
    case "orders.subscribe.response":
    case "bars.subscribe.response":
    case "quotes.subscribe.response":
    case "trades.subscribe.response":
    case "orderbook.subscribe.response":
      return message.payload.status === "ok" ? message.payload.topic.length : message.payload.code.length;
    case "bars.unsubscribe.response":
    case "quotes.unsubscribe.response":
    case "trades.unsubscribe.response":
    case "orderbook.unsubscribe.response":
    case "account.unsubscribe.response":
    case "positions.unsubscribe.response":
    case "orders.unsubscribe.response":
    case "bars.history.response":
    case "symbols.list.response":
    case "session.authenticate.response":
    case "error":
      return 0;
    case "pong":
      return message.ts;
    case "server.shutdown":
      return message.payload.reconnect_in_ms_max;
    default:
      return message satisfies never;
  }
}

export const message: ClientMessage = { type: "ping", id: 1 };
// @ts-expect-error: no such type
export const wrong: ClientMessage = { type: "pong" };

const address: string = barsTopic.build({ symbol: "AAPL" });
const resolution: string | undefined = barsTopic.parse(address)?.resolution;
const parsed = parseTopic(address);
if (parsed?.channel === "bars") {
  const symbol: string = parsed.parameters.symbol;
  console.log(symbol, resolution);
}
// @ts-expect-error: the symbol is missing
barsTopic.build({});

// A code of today is suggested, one of tomorrow is accepted.
export const codes: models.Problem["code"][] = ["internal", "something_new"];
const stop: "stop" = CLOSE_CODES[4500].client;
export const caught = (error: unknown) =>
  error instanceof RequestError ? (error.retryAfterMs ?? error.retryable) : error instanceof ConnectionClosedError ? error.code : stop;
