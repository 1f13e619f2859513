/** The interactive documentation: the reference that the document makes, and a console to try it. */

import AsyncApi from "@asyncapi/react-component/lib/esm/without-parser.js";
import { createRoot } from "react-dom/client";

import { byId, setText } from "../shared/dom.js";
import { installTheme } from "../shared/theme.js";
import { Console } from "./console.js";
import { dereference, isObject, markParsed, text, type JsonObject } from "./document.js";

const DOCUMENT = "/api/v1/ws/asyncapi.json";

const status = byId("status", HTMLParagraphElement);

installTheme(byId("theme", HTMLButtonElement), () => undefined);
try {
  show(dereference(await fetchDocument()));
} catch (error) {
  setText(status, error instanceof Error ? error.message : String(error));
}

async function fetchDocument(): Promise<JsonObject> {
  const response = await fetch(DOCUMENT, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${DOCUMENT} answered ${response.status}; reload the page to try again.`);
  const document: unknown = await response.json();
  if (typeof document !== "object" || document === null || Array.isArray(document)) {
    throw new Error(`${DOCUMENT} is no AsyncAPI document.`);
  }
  return document as JsonObject;
}

function show(document: JsonObject): void {
  const info = isObject(document["info"]) ? document["info"] : {};
  window.document.title = `${text(info["title"])} ${text(info["version"])}`;
  new Console(document, location);
  const root = createRoot(byId("reference", HTMLElement));
  root.render(
    <AsyncApi
      schema={markParsed(document)}
      config={{
        show: { sidebar: true, messageExamples: true, errors: false },
        expand: { messageExamples: true },
        sidebar: { showOperations: "byDefault", useChannelAddressAsIdentifier: true },
        publishLabel: "CLIENT SENDS",
        subscribeLabel: "CLIENT RECEIVES",
        sendLabel: "CLIENT RECEIVES",
        receiveLabel: "CLIENT SENDS",
      }}
    />,
  );
  status.remove();
}
