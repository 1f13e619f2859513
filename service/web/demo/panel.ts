/** What all panels do alike: follow something for as long as it is shown, and say so where there is nothing to show. */

import { ConnectionClosedError } from "../../../generated/typescript/src/index.js";
import { byId, setText } from "../shared/dom.js";
import { refuse } from "./record.js";
import { sentence } from "./sentence.js";

/** The line in a panel that stands where there are no data. */
export class Note {
  readonly #element: HTMLParagraphElement;

  /** `instead` is what has to go where the note stands. */
  constructor(
    id: string,
    readonly instead?: HTMLElement,
  ) {
    this.#element = byId(id, HTMLParagraphElement);
  }

  say(text: string): void {
    setText(this.#element, text);
    this.#element.hidden = text === "";
    if (this.instead) this.instead.hidden = text !== "";
  }
}

/** Requests of a panel wait for as long as it takes: the client sends them when there is a connection. */
export const PATIENT = { timeoutMs: Infinity } as const;

/** Does what begins a panel's data; where the service refuses, the panel's note says why. */
export async function begin(channel: string, note: Note, signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  refuse(channel, null);
  try {
    await work();
  } catch (error) {
    // Given up: something else is shown by now.
    if (signal.aborted) return;
    note.say(sentence(error));
    refuse(channel, sentence(error));
  }
}

/** Asks again what a lost connection has left without an answer. */
export async function answered<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof ConnectionClosedError && error.retryable)) throw error;
    }
  }
}
