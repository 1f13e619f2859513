/** What is used of a WebSocket, so that the one of a browser, of Node or of a package serves alike. */
export interface SocketLike {
  send(data: string): void;
  close(code?: number, reason?: string): void;
  addEventListener(type: "open" | "error", listener: () => void): void;
  addEventListener(type: "message", listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(
    type: "close",
    listener: (event: { readonly code: number; readonly reason: string }) => void,
  ): void;
}

export interface TransportOptions {
  /** The WebSocket class to use; the global one if not given. Node has it from version 22, and needs one before. */
  WebSocket?: (new (url: string, protocols?: string[]) => SocketLike) | undefined;
  /** Subprotocols to offer to the server. */
  protocols?: string[] | undefined;
}

/** What the contract says of close codes. */
export interface CloseAdvice {
  /** Whether another connection would fare no better than one that was closed with this code. */
  stops(code: number): boolean;
}

/** The URL made absolute where there is a page to take the rest from; http(s) means ws(s). */
export function webSocketUrl(url: string | URL): string {
  const page = (globalThis as { location?: { href: string } }).location?.href;
  return new URL(url, page).href.replace(/^http/, "ws");
}
