/** What the generator says of the contract (`reference.json`). All texts are Markdown; `#anchor` leads to a heading. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export type Role = "request" | "message" | "answer" | "update" | "notice";

export interface Field {
  name: string;
  type: string;
  required: boolean;
  allowed: string;
  default: string;
  meaning: string;
}

export interface Shape {
  fields: Field[];
  what: string;
  rest: string;
}

export interface Type {
  name: string;
  anchor: string;
  description: string;
  shape: Shape;
}

export interface Shown {
  title: string;
  payload: Json;
}

export interface Message {
  key: string;
  name: string;
  anchor: string;
  role: Role;
  title: string;
  description: string;
  schema: string;
  tag: { path: string[]; value: string | number | boolean } | null;
  answered: string;
  shape: Shape;
  outcomes: { title: string; says: string; shape: Shape }[];
  examples: Shown[];
  left_out: string;
}

export interface Step {
  sent: boolean;
  name: string;
  anchor: string;
  text: string;
}

export interface Parameter {
  name: string;
  values: string;
  default: string;
  meaning: string;
  stands: string;
}

export interface Section {
  title: string;
  anchor: string;
  messages: Message[];
}

export interface Channel {
  name: string;
  anchor: string;
  address: string;
  path: string;
  description: string;
  parameters: Parameter[];
  facts: { title: string; text: string }[];
  exchange_anchor: string;
  exchange: Step[];
  sections: Section[];
  errors_anchor: string;
  errors: string;
}

export interface Rule {
  title: string;
  anchor: string;
  text: string;
  columns: string[];
  rows: string[][];
  more: string;
}

export interface Change {
  verdict: "breaking" | "dangerous" | "compatible";
  direction: string;
  subject: string;
  reason: string;
}

export interface Changes {
  title: string;
  anchor: string;
  since: string;
  entries: Change[];
}

export interface Page {
  title: string;
  version: string;
  asyncapi: string;
  description: string;
  servers: { name: string; url: string; description: string }[];
  socket: string;
  rules: Rule[];
  channels: Channel[];
  types_anchor: string;
  types: Type[];
  changes_anchor: string;
  changes: Changes[];
  envelope: Record<string, string> | null;
  schemas: JsonObject;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether clients send messages of this kind. */
export function isSent(role: Role): boolean {
  return role === "request" || role === "message";
}

/** Every message of every channel, in order. */
export function* messagesOf(page: Page): Generator<{ channel: Channel; message: Message }> {
  for (const channel of page.channels) {
    for (const section of channel.sections) {
      for (const message of section.messages) yield { channel, message };
    }
  }
}

/** A Markdown text as plain words, for searching. */
export function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/[`*]/g, "");
}
