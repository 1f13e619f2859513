// A page of widgets, each of which shows what one hook gives, and keeps all that it ever showed.
import { createApp, h, shallowRef } from "vue";
import { TradingClient } from "trading";
import * as api from "trading/vue";

import { plain } from "./plain.js";

const seen = {};
const widgets = shallowRef(new Map());

const Widget = {
  props: ["id", "hook", "given"],
  setup(props) {
    const [, options] = props.given;
    const refs = props.given.length ? api[props.hook](() => props.given[0], options) : api[props.hook]();
    return () => {
      const view = plain(Object.fromEntries(Object.entries(refs).map(([name, ref]) => [name, ref.value])));
      (seen[props.id] ??= []).push({ given: props.given, ...view });
      return h("pre", { id: props.id }, JSON.stringify(view));
    };
  },
};

globalThis.page = {
  seen,
  start(url, options) {
    globalThis.client = new TradingClient(url, options);
    const app = createApp({
      render: () => [...widgets.value.values()].map((widget) => h(Widget, { key: widget.id, ...widget })),
    });
    api.provideTradingClient(globalThis.client, app);
    app.mount(document.body.appendChild(document.createElement("main")));
  },
  show(...changes) {
    const next = new Map(widgets.value);
    for (const { id, hook, given } of changes) {
      if (hook) {
        next.set(id, { id, hook, given });
      } else {
        next.delete(id);
      }
    }
    widgets.value = next;
  },
};
