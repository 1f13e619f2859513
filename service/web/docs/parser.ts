/** What the reference's component takes from `@asyncapi/parser`: the document's model, without the parser. */

export {
  isAsyncAPIDocument,
  isOldAsyncAPIDocument,
  isStringifiedDocument,
  toAsyncAPIDocument,
} from "@asyncapi/parser/esm/document.js";
export { SchemaV2 } from "@asyncapi/parser/esm/models/index.js";
export { unstringify } from "@asyncapi/parser/esm/stringify.js";
