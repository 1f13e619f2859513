/** Says which message a frame is, and whether it fits that message's schema. */

import { Validator, type Schema } from "@cfworker/json-schema";

import { isObject, isSent, messagesOf, type Json, type JsonObject, type Message, type Page } from "./page.js";

export interface Verdict {
  /** The message that the frame is; null where it is none of those that go this way. */
  message: Message | null;
  /** Where and why it does not fit; empty where it does. */
  faults: string[];
}

const AROUND: ReadonlySet<string> = new Set(
  ["$ref", "properties", "patternProperties", "additionalProperties", "items", "additionalItems", "allOf", "anyOf", "oneOf"],
);

export class Judge {
  readonly #sent: readonly Message[];
  readonly #received: readonly Message[];
  readonly #definitions: JsonObject;
  readonly #validators = new Map<string, Validator>();

  constructor(page: Page) {
    const all = [...messagesOf(page)].map(({ message }) => message);
    this.#sent = all.filter((message) => isSent(message.role));
    this.#received = all.filter((message) => !isSent(message.role));
    // References in the schemas lead where a document keeps them; here they lie where JSON Schema does.
    const text = JSON.stringify(page.schemas);
    this.#definitions = JSON.parse(text.replaceAll('"$ref":"#/components/schemas/', '"$ref":"#/definitions/')) as JsonObject;
  }

  /** What a frame is that the client sends, or receives. */
  judge(frame: Json, way: "sent" | "received"): Verdict {
    const messages = way === "sent" ? this.#sent : this.#received;
    const tagged = messages.filter((message) => message.tag !== null && at(frame, message.tag.path) === message.tag.value);
    if (tagged.length > 0) return this.#best(frame, tagged);
    const untagged = messages.filter((message) => message.tag === null);
    if (untagged.length > 0) return this.#best(frame, untagged);
    const known = [...new Set(messages.map((message) => message.name))];
    return { message: null, faults: [`This is none of ${known.length} messages: ${list(known)}.`] };
  }

  /** Whether a frame fits one message. */
  faults(frame: Json, message: Message): string[] {
    const { valid, errors } = this.#validator(message.schema).validate(frame);
    if (valid) return [];
    // Around each fault stand others that say only that something within does not fit.
    const telling = errors.filter((error) => !AROUND.has(error.keyword));
    const said = (telling.length > 0 ? telling : errors).map((error) => {
      const reason = error.keyword === "false" ? "Nothing is allowed here." : error.error;
      return `${error.instanceLocation.slice(1) || "the frame"}: ${reason}`;
    });
    return [...new Set(said)].slice(0, 5);
  }

  #best(frame: Json, messages: readonly Message[]): Verdict {
    const verdicts = messages.map((message) => ({ message, faults: this.faults(frame, message) }));
    return verdicts.reduce((best, one) => (one.faults.length < best.faults.length ? one : best));
  }

  #validator(schema: string): Validator {
    let found = this.#validators.get(schema);
    if (found === undefined) {
      const whole = { $ref: `#/definitions/${schema}`, definitions: this.#definitions } as unknown as Schema;
      found = new Validator(whole, "7", false);
      this.#validators.set(schema, found);
    }
    return found;
  }
}

function at(value: Json, path: readonly string[]): Json | undefined {
  let found: Json | undefined = value;
  for (const name of path) found = isObject(found) ? found[name] : undefined;
  return found;
}

function list(names: readonly string[]): string {
  return names.length <= 8 ? names.join(", ") : `${names.slice(0, 8).join(", ")}, …`;
}
