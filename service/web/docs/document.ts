/** An AsyncAPI 2.x document as it is served, made ready for the reference's component and for the console. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}

/**
 * The document with every `$ref` replaced by what it names.
 *
 * A schema that contains itself becomes an object that contains itself. References inside of extensions stay short: they
 * become the name at the end of the reference, which is what a reader wants to see there.
 */
export function dereference(document: JsonObject): JsonObject {
  const made = new Map<Json, Json>();

  const resolve = (value: Json, extension: boolean): Json => {
    if (Array.isArray(value) || isObject(value)) {
      const reference = isObject(value) ? value["$ref"] : undefined;
      if (typeof reference === "string") {
        if (extension) return decodeURIComponent(reference.split("/").at(-1) ?? reference);
        return resolve(follow(document, reference), false);
      }
      const known = made.get(value);
      if (known !== undefined) return known;
      if (Array.isArray(value)) {
        const list: Json[] = [];
        made.set(value, list);
        for (const item of value) list.push(resolve(item, extension));
        return list;
      }
      const object: JsonObject = {};
      made.set(value, object);
      for (const [key, item] of Object.entries(value)) {
        // Examples are data: a `$ref` in them is a value like any other.
        const verbatim = key === "examples" || key === "example" || key === "default" || key === "const";
        object[key] = verbatim ? item : resolve(item, extension || key.startsWith("x-"));
      }
      return object;
    }
    return value;
  };

  return resolve(document, false) as JsonObject;
}

function follow(document: JsonObject, reference: string): Json {
  if (!reference.startsWith("#")) throw new Error(`The document refers to ${reference}, outside of itself.`);
  let value: Json | undefined = document;
  for (const part of reference.slice(1).split("/").slice(1)) {
    const key = decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~");
    value = Array.isArray(value) ? value[Number(key)] : isObject(value) ? value[key] : undefined;
  }
  if (value === undefined) throw new Error(`The document refers to ${reference}, which it does not have.`);
  return value;
}

/**
 * Adds to a dereferenced document what the component expects of a parsed one: names of schemas and messages, and the
 * mark that says so. Changes the document, and gives it back.
 */
export function markParsed(document: JsonObject): JsonObject {
  const components = isObject(document["components"]) ? document["components"] : {};
  for (const [name, schema] of entries(components["schemas"])) {
    if (isObject(schema)) schema["x-parser-schema-id"] = name;
  }
  for (const [name, message] of entries(components["messages"])) {
    if (isObject(message)) message["x-parser-message-name"] ??= text(message["name"]) || name;
  }
  identifyByName(entries(components["messages"]).map(([, message]) => message));
  for (const { message, operation } of operations(document)) {
    merge(operation);
    merge(message);
    message["x-parser-message-name"] ??= text(message["name"]) || text(message["messageId"]) || "message";
  }
  document["x-parser-spec-parsed"] = true;
  return document;
}

/** The component anchors a message by its id and links to it by its name: where names tell them apart, both are one. */
function identifyByName(messages: readonly Json[]): void {
  const named = messages.filter(isObject).filter((message) => text(message["name"]) !== "");
  if (new Set(named.map((message) => message["name"])).size !== named.length) return;
  for (const message of named) message["messageId"] = text(message["name"]);
}

function entries(value: Json | undefined): [string, Json][] {
  return isObject(value) ? Object.entries(value) : [];
}

/** Lays an object's traits under it, once. */
function merge(target: JsonObject): void {
  const traits = target["traits"];
  if (!Array.isArray(traits)) return;
  for (const trait of traits) {
    for (const [key, value] of entries(trait)) target[key] ??= value;
  }
  delete target["traits"];
}

/** One message of one operation; `publish` is what clients send. */
export interface Spoken {
  channel: string;
  verb: "publish" | "subscribe";
  operation: JsonObject;
  message: JsonObject;
}

/** Every message of every channel, in the order of the document, which must be dereferenced. */
export function* operations(document: JsonObject): Generator<Spoken> {
  for (const [channel, item] of entries(document["channels"])) {
    for (const verb of ["publish", "subscribe"] as const) {
      const operation = isObject(item) ? item[verb] : undefined;
      if (!isObject(operation)) continue;
      const message = operation["message"];
      const choices = isObject(message) && Array.isArray(message["oneOf"]) ? message["oneOf"] : [message ?? null];
      for (const choice of choices) {
        if (isObject(choice)) yield { channel, verb, operation, message: choice };
      }
    }
  }
}
