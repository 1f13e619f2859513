// A page of widgets, each of which shows what one hook gives, and keeps all that it ever showed.
import { StrictMode, createElement as h } from "react";
import { createRoot } from "react-dom/client";
import { TradingClient } from "trading";
import * as api from "trading/react";

import { plain } from "./plain.js";

const seen = {};
const widgets = new Map();
const root = createRoot(document.body.appendChild(document.createElement("main")));
let client;

function Widget({ id, hook, given }) {
  const view = plain(api[hook](...given));
  (seen[id] ??= []).push({ given, ...view });
  return h("pre", { id }, JSON.stringify(view));
}

function draw() {
  const shown = [...widgets.values()].map((widget) => h(Widget, { key: widget.id, ...widget }));
  root.render(h(StrictMode, null, h(api.TradingProvider, { client }, ...shown)));
}

globalThis.page = {
  seen,
  start(url, options) {
    client = globalThis.client = new TradingClient(url, options);
    draw();
  },
  show(...changes) {
    for (const { id, hook, given } of changes) {
      if (hook) {
        widgets.set(id, { id, hook, given });
      } else {
        widgets.delete(id);
      }
    }
    draw();
  },
};
