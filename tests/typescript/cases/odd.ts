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
export const symbol: models.Symbol[] = [1, -2.5, null, true, 'quoted "text"', "\\"];
export const error: Error = new RangeError();
// @ts-expect-error: too many
export const three: models.Twice = [1, 2, 3];
// @ts-expect-error: money is no number
export const money: models.StringSchema = 1;
