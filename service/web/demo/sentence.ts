/** What went wrong, in a sentence. */

import { CLOSE_CODES, ConnectionClosedError, RequestError } from "../../../generated/typescript/src/index.js";

export function sentence(error: unknown): string {
  if (error instanceof ConnectionClosedError) return closing(error);
  if (error instanceof RequestError) {
    const places = error.errors.map(({ path, message }) => `${path.split("/").at(-1)}: ${message}`);
    return [error.message, ...places].join(" — ");
  }
  return error instanceof Error ? error.message : String(error);
}

/** What the contract says of a close code, what the server said beside it, or what the lack of both means. */
function closing({ code, reason }: ConnectionClosedError): string {
  const known = CLOSE_CODES[code as keyof typeof CLOSE_CODES] as { description: string } | undefined;
  if (known !== undefined) return `${code}: ${known.description}`;
  if (reason !== "") return `${code}: ${reason}.`;
  return code === 1006 ? "1006: without a word from the other end." : `${code}.`;
}
