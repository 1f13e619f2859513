// The driver in a page: commands by a function of the page, events by one that the browser offers.

import { Driver } from "./driver.js";
import type { Command } from "./driver.js";

declare const tell: (text: string) => void;

// Timers that still wait: in the end there should be none.
const waiting = new Set<number>();
const { setTimeout: start, clearTimeout: stop } = window;
window.setTimeout = ((run: () => void, delay?: number) => {
  const timer = start(() => {
    waiting.delete(timer);
    run();
  }, delay);
  waiting.add(timer);
  return timer;
}) as typeof window.setTimeout;
window.clearTimeout = ((timer?: number) => {
  waiting.delete(timer as number);
  stop(timer);
}) as typeof window.clearTimeout;

// Listeners of the window as well.
const listening = new Map<string, Set<unknown>>();
const { addEventListener: add, removeEventListener: remove } = window;
window.addEventListener = ((kind: string, listener: EventListener) => {
  listening.set(kind, (listening.get(kind) ?? new Set()).add(listener));
  add.call(window, kind, listener);
}) as typeof window.addEventListener;
window.removeEventListener = ((kind: string, listener: EventListener) => {
  listening.get(kind)?.delete(listener);
  remove.call(window, kind, listener);
}) as typeof window.removeEventListener;

const driver = new Driver((event) => tell(JSON.stringify(event)));

Object.assign(window, {
  obey: (command: Command) => void driver.obey(command),
  leftovers: () => [
    ...[...waiting].map((timer) => `timer ${timer}`),
    ...[...listening].filter(([, { size }]) => size > 0).map(([kind, { size }]) => `${size} listeners for ${kind}`),
  ],
});
