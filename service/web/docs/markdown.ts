/** Markdown as elements of the page. Nothing is ever parsed as HTML: tags in a text are shown as they were written. */

import { lexer, type Token, type Tokens } from "marked";

import { make } from "../shared/dom.js";
import { codeBlock } from "./code.js";

/** The blocks of a text. */
export function blocks(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  for (const token of lexer(text)) append(fragment, token);
  return fragment;
}

/** A text without blocks, such as a table's cell. */
export function inline(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  const found = lexer(text.replace(/\s*\n\s*/g, " "));
  for (const token of found) {
    if (token.type === "paragraph") appendAll(fragment, (token as Tokens.Paragraph).tokens);
    else if (token.type !== "space") append(fragment, token);
  }
  return fragment;
}

function appendAll(parent: Node, tokens: readonly Token[] | undefined): void {
  for (const token of tokens ?? []) append(parent, token);
}

function append(parent: Node, token: Token): void {
  switch (token.type) {
    case "space":
    case "def":
      return;
    case "hr":
    case "br":
      parent.appendChild(make(token.type));
      return;
    case "code":
      parent.appendChild(codeBlock((token as Tokens.Code).text, (token as Tokens.Code).lang ?? ""));
      return;
    case "codespan":
      parent.appendChild(make("code", "", (token as Tokens.Codespan).text));
      return;
    case "heading":
      heading(parent, token as Tokens.Heading);
      return;
    case "list":
      list(parent, token as Tokens.List);
      return;
    case "table":
      table(parent, token as Tokens.Table);
      return;
    case "link":
      link(parent, token as Tokens.Link);
      return;
    case "image":
      // A picture would be asked of another host; its words stand for it.
      parent.appendChild(document.createTextNode((token as Tokens.Image).text));
      return;
    case "paragraph":
    case "blockquote":
    case "strong":
    case "em":
    case "del": {
      const element = make(({ paragraph: "p", blockquote: "blockquote", strong: "strong", em: "em", del: "del" } as const)[token.type]);
      appendAll(element, "tokens" in token ? token.tokens : []);
      parent.appendChild(element);
      return;
    }
    default:
      if ("tokens" in token && token.tokens !== undefined && token.tokens.length > 0) appendAll(parent, token.tokens);
      else parent.appendChild(document.createTextNode("text" in token && token.type !== "html" ? token.text : token.raw));
  }
}

// The generator leaves no heading in a text; what is one all the same is below all of the page's own.
function heading(parent: Node, token: Tokens.Heading): void {
  const level = Math.min(6, token.depth + 3);
  const element = make(`h${level}` as "h1" | "h2" | "h3" | "h4" | "h5" | "h6");
  appendAll(element, token.tokens);
  parent.appendChild(element);
}

function list(parent: Node, token: Tokens.List): void {
  const element = make(token.ordered ? "ol" : "ul");
  if (element instanceof HTMLOListElement && typeof token.start === "number") element.start = token.start;
  for (const item of token.items) {
    const entry = make("li");
    appendAll(entry, item.tokens);
    element.append(entry);
  }
  parent.appendChild(element);
}

function table(parent: Node, token: Tokens.Table): void {
  const scroller = make("div", "table-scroller");
  const element = make("table");
  const head = make("tr");
  for (const one of token.header) {
    const cell = make("th");
    cell.scope = "col";
    appendAll(cell, one.tokens);
    head.append(cell);
  }
  const top = make("thead");
  top.append(head);
  const body = make("tbody");
  for (const row of token.rows) {
    const line = make("tr");
    for (const one of row) {
      const cell = make("td");
      appendAll(cell, one.tokens);
      line.append(cell);
    }
    body.append(line);
  }
  element.append(top, body);
  scroller.append(element);
  parent.appendChild(scroller);
}

function link(parent: Node, token: Tokens.Link): void {
  // Of whatever else a text may lead to, such as code, the words alone are shown.
  if (!/^(#|\/|https?:|mailto:)/i.test(token.href)) {
    appendAll(parent, token.tokens);
    return;
  }
  const element = make("a");
  element.href = token.href;
  if (!/^[#/]/.test(token.href)) element.rel = "noopener noreferrer";
  appendAll(element, token.tokens);
  parent.appendChild(element);
}
