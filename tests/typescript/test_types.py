"""What the generated types allow, and what they make a compile error."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.typescript.packages import COMPILERS, check_types, compile_package, write_package

USE = """
import { TradingClient, barsTopic, parseTopic, RequestError, ConnectionClosedError, CLOSE_CODES } from "package";
import type { Bar, BarsUpdate, ClientMessage, ServerMessage, State, Subscription, models } from "package";

const client = new TradingClient("ws://localhost/", { WebSocket, timeoutMs: 1000, protocols: ["a"] });
new TradingClient();
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
  console.log(answered);

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
    case "bars.subscribe.response":
      return message.payload.status === "ok" ? message.payload.topic.length : message.payload.code.length;
    case "bars.unsubscribe.response":
    case "error":
      return 0;
    case "pong":
      return message.ts;
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
  error instanceof RequestError ? error.retryable : error instanceof ConnectionClosedError ? error.code : stop;
"""


@pytest.mark.parametrize("compiler", COMPILERS)
def test_the_package(trading: Path, tmp_path: Path, compiler: str) -> None:
    """Right uses compile and wrong ones do not, with both versions of the compiler."""
    assert check_types(trading, tmp_path, USE, compiler) == ""


def test_wrong_uses_are_noticed(trading: Path, tmp_path: Path) -> None:
    """The check itself fails where a mistake that it expects is none."""
    found = check_types(trading, tmp_path, "// @ts-expect-error: none\nexport const fine = 1;\n")
    assert "Unused '@ts-expect-error'" in found


ODD = """
asyncapi: 2.4.0
info: {title: Odd things, version: v2}
servers: {main: {url: 'example.com/base', protocol: wss}}
channels:
  /close/{user-id}/{kind}:
    parameters:
      user-id: {schema: {type: string}}
      kind: {schema: {type: string, enum: [a, b], default: a}}
    publish: {message: {oneOf: [{$ref: '#/components/messages/send'}, {$ref: '#/components/messages/open'}]}}
    subscribe: {message: {oneOf: [{$ref: '#/components/messages/sent'}, {$ref: '#/components/messages/both'}]}}
  /constructor:
    subscribe: {message: {$ref: '#/components/messages/both'}}
  /message:
    publish: {message: {$ref: '#/components/messages/send'}}
components:
  messages:
    send:
      correlationId: {location: '$message.payload#/ref'}
      x-response: {$ref: '#/components/messages/sent'}
      payload:
        type: object
        required: [op, ref]
        properties: {op: {const: send}, ref: {type: string}, text: {type: string}}
    open:
      x-response: {$ref: '#/components/messages/sent'}
      payload: {type: object, required: [op], properties: {op: {const: open}}}
    sent:
      correlationId: {location: '$message.payload#/ref'}
      payload:
        type: object
        required: [op]
        properties: {op: {const: sent}, ref: {type: string}, what: {$ref: '#/components/schemas/Record'}}
    both:
      payload:
        oneOf:
          - {type: object, required: [op], properties: {op: {const: up}, by: {type: integer}}}
          - {type: object, required: [op], properties: {op: {const: down}, by: {type: string}}}
  schemas:
    Record: {description: "Ends */ here, ${not} `this`.", type: object, properties: {error: {$ref: '#/components/schemas/Error'}}}
    Array: {type: array, items: {$ref: '#/components/schemas/Array'}}
    Promise: {type: object, additionalProperties: {$ref: '#/components/schemas/Promise'}}
    Error: {type: object, properties: {map: {$ref: '#/components/schemas/Map'}, symbol: {$ref: '#/components/schemas/Symbol'}}}
    Map: {type: object, additionalProperties: {type: integer}, properties: {size: {type: string}}}
    Object: {type: [object, 'null'], properties: {String: {$ref: '#/components/schemas/String'}}}
    String: {type: string, format: decimal}
    Symbol: {enum: [1, -2.5, null, true, 'quoted "text"', '\\']}
    Partial: {allOf: [{$ref: '#/components/schemas/Record'}, {type: object, required: [extra], properties: {extra: {type: boolean}}}]}
    Anything: {}
    Pair: {type: array, items: [{type: string}, {type: number}], additionalItems: false}
    Twice: {type: array, items: {oneOf: [{type: string}, {type: integer}]}, minItems: 2, maxItems: 2}
    Tree: {type: object, required: [value], properties: {value: {}, children: {type: array, items: {$ref: '#/components/schemas/Tree'}}}}
    Level: {type: string, x-open-enum: [low, high], default: low}
    Odd names:
      type: object
      required: [class, not-declared]
      properties:
        class: {type: string}
        'with space': {type: string}
        '1st': {type: string}
        "quote\\"d": {type: string}
        constructor: {type: string}
        __proto__: {type: string}
        $ref_: {type: string}
"""

ODD_USE = """
import { OddThingsClient } from "package";
import type { models } from "package";

const client = new OddThingsClient();
const socket = client.closeByUserIdKind({ userId: "7" }, { query: { heartbeat: true } });
socket.on("up", ({ op, by }) => console.log(op satisfies "up", by satisfies number | undefined));
socket.on("down", ({ by }) => console.log(by satisfies string | undefined));
socket.onMessage((message) => {
  if (message.op === "sent") console.log(message.what?.error);
});
export async function run(): Promise<void> {
  const sent: "sent" = (await socket.sendMessage({ text: "hello" })).op;
  await socket.send({ op: "open" });
  await socket.send({ op: "send", ref: sent });
  for await (const message of client.constructorChannel()) console.log(message.by);
  // @ts-expect-error: no such message
  await socket.send({ op: "shut" });
  // @ts-expect-error: no such tag
  socket.on("sideways", () => {});
  // @ts-expect-error: no such kind
  client.closeByUserIdKind({ userId: "7", kind: "c" });
}
export const names: models.OddNames = { class: "", "not-declared": 1, "with space": "", constructor: "" };
export const level: models.Level[] = ["low", "medium"];
export const array: models.ArraySchema = [[], [[]]];
export const pair: models.Pair = ["a", 1];
export const twice: models.Twice = ["a", 1];
export const symbol: models.Symbol[] = [1, -2.5, null, true, 'quoted "text"', "\\\\"];
export const error: Error = new RangeError();
// @ts-expect-error: too many
export const three: models.Twice = [1, 2, 3];
// @ts-expect-error: money is no number
export const money: models.StringSchema = 1;
"""


@pytest.fixture(scope="module")
def odd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package of a document full of names and schemas that are easily got wrong, compiled."""
    folder = tmp_path_factory.mktemp("odd")
    (folder / "asyncapi.yaml").write_text(ODD)
    package = write_package(folder / "asyncapi.yaml", folder)
    result = compile_package(package)
    assert result.returncode == 0, result.stdout
    return package


@pytest.mark.parametrize("compiler", COMPILERS)
def test_an_odd_document(odd: Path, tmp_path: Path, compiler: str) -> None:
    """Names of TypeScript's own, quotes, comments' ends and every shape of schema keep their meaning."""
    assert check_types(odd, tmp_path, ODD_USE, compiler) == ""
    assert compile_package(odd, compiler).stdout == ""
