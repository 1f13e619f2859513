import { DeskClient, newsTopic } from "package";
import type { CountedDataWithTotal, Lively, models } from "package";

const client = new DeskClient();

export async function run(): Promise<void> {
  const lively: Lively = await client.stateChannel.alive();
  const counted: CountedDataWithTotal = await client.stateChannel.count();
  console.log(lively.kind, counted.total);
  await client.stateChannel.count({ of: "x" }, { timeoutMs: 5 });
  const sent: void = await client.stateChannel.mood({ mood: "fine" });
  const off: () => void = client.stateChannel.onLeaving(({ data }) => console.log(data.in));
  off();
  await client.news.subscribe({ section: "world" }, (body, update) => {
    if (update.kind === "headline") console.log(update.data.text satisfies string);
    else console.log(update.data.id satisfies number);
    console.log("text" in body ? body.text : body.id, sent);
  });
  await client.clock.subscribe((struck: models.Struck) => console.log(struck.hour));
  // @ts-expect-error: the mood is missing
  await client.stateChannel.mood({});
  // @ts-expect-error: an event, not a request
  await client.stateChannel.leaving();
  // @ts-expect-error: no such section
  newsTopic.build({ section: "weather" });
  newsTopic.build({ section: "global" });
}
