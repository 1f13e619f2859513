/** Code that is shown: JSON in colours, with buttons for what can be done with it. */

import { make } from "../shared/dom.js";
import type { Json } from "./page.js";

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g;

/** A block of code; JSON is coloured. */
export function codeBlock(text: string, language: string): HTMLPreElement {
  const block = make("pre", "code");
  // A block that scrolls must be reachable by the keyboard.
  block.tabIndex = 0;
  const code = make("code");
  if (language === "json") code.append(coloured(text));
  else code.textContent = text;
  block.append(code);
  return block;
}

/** JSON as text, coloured by what its parts are. */
export function coloured(text: string): DocumentFragment {
  const fragment = document.createDocumentFragment();
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    const [, string, colon, number] = match;
    const kind = string === undefined ? (number === undefined ? "word" : "number") : colon === undefined ? "string" : "key";
    const part = string ?? match[0];
    fragment.append(text.slice(end, match.index), make("span", `json-${kind}`, part));
    end = match.index + part.length;
  }
  fragment.append(text.slice(end));
  return fragment;
}

/** JSON as people read it. */
export function pretty(value: Json): string {
  const line = JSON.stringify(value);
  return line.length <= 72 ? spaced(line) : JSON.stringify(value, null, 2);
}

/** A button that puts a text on the clipboard, and says so to `told`. */
export function copyButton(about: string, text: () => string, told: (words: string) => void): HTMLButtonElement {
  const button = make("button", "small", "Copy");
  button.type = "button";
  button.setAttribute("aria-label", `Copy ${about}`);
  button.addEventListener("click", () => {
    void copy(text()).then((done) => {
      button.textContent = done ? "Copied" : "Not copied";
      button.dataset["done"] = String(done);
      told(done ? `Copied ${about}.` : `The browser does not let this page copy.`);
      setTimeout(() => (button.textContent = "Copy"), 1500);
    });
  });
  return button;
}

/** Puts a text on the clipboard; whether that was allowed. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text);
  }
}

/** The way that also works where the page was not sent over a secure connection. */
function copyBySelection(text: string): boolean {
  const field = make("textarea", "hush");
  field.value = text;
  const focused = document.activeElement;
  document.body.append(field);
  field.select();
  const done = document.execCommand("copy");
  field.remove();
  if (focused instanceof HTMLElement) focused.focus();
  return done;
}

function spaced(line: string): string {
  return line.replace(TOKEN, (part: string, _string: unknown, colon: unknown) => (colon === undefined ? part : `${part} `)).replace(
    /("(?:[^"\\]|\\.)*")|,/g,
    (part: string, string: unknown) => (string === undefined ? ", " : part),
  );
}
