/** Base of every error that a client raises of its own accord. */
export class ClientError extends Error {
  override name = "ClientError";
}

/** One place of a request that the server found wrong. */
export interface ErrorDetail {
  /** A JSON Pointer into the request. */
  readonly path: string;
  readonly message: string;
}

/** The server refused a request, or told of an error that belongs to none. */
export class RequestError extends ClientError {
  override name = "RequestError";
  /** What is wrong, for programs; empty where the server did not say. */
  declare readonly code: string;
  /** Whether the same request may succeed later. */
  declare readonly retryable: boolean;
  /** After how many milliseconds it may be tried again, where the server said. */
  declare readonly retryAfterMs: number | undefined;
  /** The places of the request that are wrong, where the server named them. */
  declare readonly errors: readonly ErrorDetail[];
  /** What the server sent, whole. */
  declare readonly problem: unknown;

  constructor(problem: unknown) {
    const { code, message, retryable, retry_after_ms: wait, errors } = Object(problem) as Record<string, unknown>;
    super(String(message ?? "refused"));
    this.code = String(code ?? "");
    this.retryable = retryable === true;
    this.retryAfterMs = typeof wait === "number" ? wait : undefined;
    this.errors = Array.isArray(errors) ? errors : [];
    this.problem = problem;
  }
}

/** A request was not answered in time; whether it was carried out is not known. */
export class ResponseTimeoutError extends ClientError {
  override name = "ResponseTimeoutError";
}

/** The connection is gone, or could not be made. */
export class ConnectionClosedError extends ClientError {
  override name = "ConnectionClosedError";
  /** The WebSocket close code; 1006 where the connection was lost without one. */
  declare readonly code: number;
  /** What the server said when it closed; may be empty. */
  declare readonly reason: string;
  /** Whether another connection may fare better. */
  declare readonly retryable: boolean;

  constructor(code: number, reason: string, retryable: boolean) {
    super(`${reason || "connection closed"} (${code})`);
    this.code = code;
    this.reason = reason;
    this.retryable = retryable;
  }
}

/** The server sent something that no reader of this contract expects; the connection goes on. */
export class ProtocolError extends ClientError {
  override name = "ProtocolError";
  /** The frame, parsed where it could be. */
  declare readonly frame: unknown;

  /** `sent` is what it was. */
  constructor(sent: string, frame: unknown) {
    super(`The server sent ${sent}`);
    this.frame = frame;
  }
}

/** More arrived than an iteration keeps; some of it is lost. Read faster, or see the option `overflow`. */
export class BufferOverflowError extends ClientError {
  override name = "BufferOverflowError";
}

/** More requests wait for the connection than the option `maxQueued` allows; this one was not sent. */
export class QueueFullError extends ClientError {
  override name = "QueueFullError";
}
