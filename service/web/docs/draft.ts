/** A frame to begin with, for messages of which the contract shows none: what is required, to be filled in. */

import { isObject, type Json, type JsonObject } from "./page.js";

const DEEPEST = 6;

/** The required parts of a schema: constants, defaults and first values where it has some, else empty ones. */
export function draft(schema: Json | undefined, schemas: JsonObject, depth = 0): Json {
  if (!isObject(schema) || depth > DEEPEST) return null;
  for (const key of ["const", "default"]) if (schema[key] !== undefined) return schema[key];
  const listed = schema["enum"] ?? schema["x-open-enum"];
  if (Array.isArray(listed) && listed[0] !== undefined) return listed[0];
  const reference = schema["$ref"];
  if (typeof reference === "string") return draft(schemas[reference.split("/").at(-1) ?? ""], schemas, depth + 1);
  const arms = schema["oneOf"] ?? schema["anyOf"];
  if (Array.isArray(arms) && schema["properties"] === undefined) return draft(arms[0], schemas, depth + 1);
  const parts = Array.isArray(schema["allOf"]) ? schema["allOf"] : [];
  const kind = Array.isArray(schema["type"]) ? schema["type"][0] : schema["type"];
  if (parts.length > 0 || kind === "object" || schema["properties"] !== undefined) {
    const merged = [...parts.map((part) => draft(part, schemas, depth + 1)), fields(schema, schemas, depth)];
    return Object.assign({}, ...merged.filter(isObject)) as JsonObject;
  }
  return plainest(kind ?? null, schema);
}

function fields(schema: JsonObject, schemas: JsonObject, depth: number): JsonObject {
  const properties = isObject(schema["properties"]) ? schema["properties"] : {};
  const required = Array.isArray(schema["required"]) ? schema["required"] : [];
  const made: JsonObject = {};
  for (const [name, property] of Object.entries(properties)) {
    const isTag = isObject(property) && (property["const"] !== undefined || (Array.isArray(property["enum"]) && property["enum"].length === 1));
    if (required.includes(name) || isTag) made[name] = draft(property, schemas, depth + 1);
  }
  return made;
}

function plainest(kind: Json, schema: JsonObject): Json {
  switch (kind) {
    case "string":
      return "";
    case "integer":
    case "number":
      return typeof schema["minimum"] === "number" ? schema["minimum"] : 0;
    case "boolean":
      return false;
    case "array":
      return [];
    default:
      return kind === null ? {} : null;
  }
}
