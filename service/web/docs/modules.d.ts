/** Modules whose packages describe their main entry only. */

declare module "@asyncapi/react-component/lib/esm/without-parser.js" {
  import type { ConfigInterface } from "@asyncapi/react-component/lib/types/config";
  import type { FunctionComponent } from "react";

  const AsyncApi: FunctionComponent<{ schema: object; config?: ConfigInterface }>;
  export default AsyncApi;
}
