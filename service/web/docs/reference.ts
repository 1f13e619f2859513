/** The contract as a page: how the socket works, every channel, every type. */

import { make } from "../shared/dom.js";
import { codeBlock, coloured, copyButton, pretty } from "./code.js";
import { blocks, inline } from "./markdown.js";
import { isSent, type Channel, type Json, type Message, type Page, type Rule, type Step, type Type } from "./page.js";
import { code, shapeOf, tableOf } from "./tables.js";

/** What the page does with a frame that the reader picks. */
export interface Actions {
  tryOut: (channel: Channel, frame: Json) => void;
  tell: (words: string) => void;
}

const ROLES = {
  request: "You send",
  message: "You send",
  answer: "Answer",
  update: "Update",
  notice: "Server sends",
} as const;

/** Everything that the contract says. */
export function reference(page: Page, actions: Actions): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const opening = make("section", "opening");
  const title = make("h1", "", page.title);
  title.id = "pageTop";
  title.tabIndex = -1;
  opening.append(title, make("p", "version", `Version ${page.version}, AsyncAPI ${page.asyncapi}`), blocks(page.description));
  fragment.append(opening, socket(page));
  for (const channel of page.channels) fragment.append(channelOf(channel, actions));
  if (page.types.length > 0) fragment.append(types(page));
  return fragment;
}

/** A heading that can be linked to, with the link. */
export function heading(level: 2 | 3 | 4, text: string, anchor: string, isCode = false): HTMLHeadingElement {
  const element = make(`h${level}`);
  element.id = anchor;
  element.tabIndex = -1;
  element.append(isCode ? make("code", "", text) : text);
  const link = make("a", "here", "#");
  link.href = `#${anchor}`;
  link.setAttribute("aria-label", `Link to ${text}`);
  element.append(" ", link);
  return element;
}

function socket(page: Page): HTMLElement {
  const section = make("section");
  section.append(heading(2, page.envelope === null ? "How the sockets work" : "How the socket works", page.socket));
  for (const rule of page.rules) section.append(ruleOf(rule));
  return section;
}

function ruleOf(rule: Rule): HTMLElement {
  const section = make("section", "rule");
  section.append(heading(3, rule.title, rule.anchor), blocks(rule.text));
  if (rule.rows.length > 0) section.append(tableOf(rule.title, rule.columns, rule.rows));
  section.append(blocks(rule.more));
  return section;
}

function channelOf(channel: Channel, actions: Actions): HTMLElement {
  const section = make("section", "channel");
  section.append(heading(2, channel.name, channel.anchor));
  const address = make("p", "address-line");
  address.append(make("span", "label", "Address"), make("code", "", channel.address), copyButton("the address", () => channel.address, actions.tell));
  section.append(address, blocks(channel.description));
  if (channel.parameters.length > 0) {
    section.append(
      tableOf(
        `Parameters of ${channel.name}`,
        ["parameter", "allowed", "default", "in messages", "meaning"],
        channel.parameters.map((one) => [code(one.name), one.values, one.default, one.stands, one.meaning]),
      ),
    );
  }
  if (channel.facts.length > 0) section.append(factsOf(channel));
  if (channel.exchange.length > 0) section.append(exchangeOf(channel, actions));
  for (const group of channel.sections) {
    section.append(heading(3, group.title.replace(/:[^:]*$/, ""), group.anchor));
    for (const message of group.messages) section.append(messageOf(channel, message, actions));
  }
  if (channel.errors !== "") section.append(heading(3, "Errors", channel.errors_anchor), blocks(channel.errors));
  return section;
}

function factsOf(channel: Channel): HTMLElement {
  const list = make("dl", "facts");
  for (const fact of channel.facts) {
    const said = make("dd");
    said.append(inline(fact.text));
    list.append(make("dt", "", fact.title), said);
  }
  return list;
}

function exchangeOf(channel: Channel, actions: Actions): DocumentFragment {
  const fragment = document.createDocumentFragment();
  fragment.append(heading(3, "An exchange", channel.exchange_anchor));
  const list = make("ol", "exchange");
  list.setAttribute("aria-label", `An exchange on ${channel.name}`);
  for (const step of channel.exchange) list.append(stepOf(step, actions));
  fragment.append(list);
  return fragment;
}

function stepOf(step: Step, actions: Actions): HTMLElement {
  const item = make("li");
  item.dataset["way"] = step.sent ? "sent" : "received";
  const line = make("div", "step");
  const link = make("a");
  link.href = `#${step.anchor}`;
  link.append(make("code", "", step.name));
  line.append(make("span", "way", step.sent ? "you send" : "server sends"), link, make("span", "spread"), copyButton(`the frame ${step.name}`, () => step.text, actions.tell));
  const block = codeBlock("", "");
  block.firstElementChild?.append(coloured(step.text));
  item.append(line, block);
  return item;
}

function messageOf(channel: Channel, message: Message, actions: Actions): HTMLElement {
  const article = make("article", "message");
  article.dataset["role"] = message.role;
  article.setAttribute("aria-labelledby", message.anchor);
  const head = make("header");
  head.append(heading(4, message.name, message.anchor, true), make("span", "role", ROLES[message.role]));
  article.append(head);
  if (message.title !== "") article.append(make("p", "title", message.title));
  article.append(blocks(message.description));
  if (message.answered !== "") {
    const answered = make("p", "answered");
    answered.append(inline(message.answered));
    article.append(answered);
  }
  article.append(shapeOf(message.name, message.shape));
  for (const outcome of message.outcomes) {
    const says = make("p", "outcome");
    says.append(make("strong", "", `${outcome.title}: `), inline(outcome.says));
    article.append(says, shapeOf(`${message.name}, ${outcome.title.toLowerCase()}`, outcome.shape));
  }
  for (const [index, example] of message.examples.entries()) {
    const details = make("details", "example");
    details.open = index === 0;
    const buttons = make("div", "buttons");
    const about = `the example: ${example.title}`;
    buttons.append(copyButton(about, () => pretty(example.payload), actions.tell));
    if (isSent(message.role)) {
      const button = make("button", "small primary", "Try it");
      button.type = "button";
      button.setAttribute("aria-label", `Send ${about}`);
      button.addEventListener("click", () => actions.tryOut(channel, example.payload));
      buttons.append(button);
    }
    const summary = make("summary");
    summary.append(inline(example.title));
    const body = make("div", "example-body");
    body.append(codeBlock(pretty(example.payload), "json"), buttons);
    details.append(summary, body);
    article.append(details);
  }
  if (message.left_out !== "") article.append(make("p", "left-out", message.left_out));
  return article;
}

function types(page: Page): HTMLElement {
  const section = make("section");
  section.append(heading(2, "Types", page.types_anchor));
  for (const type of page.types) section.append(typeOf(type));
  return section;
}

function typeOf(type: Type): HTMLElement {
  const section = make("section", "type");
  section.append(heading(3, type.name, type.anchor), blocks(type.description), shapeOf(type.name, type.shape));
  return section;
}
