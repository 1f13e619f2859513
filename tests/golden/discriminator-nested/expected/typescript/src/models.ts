// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Opened {
  header: OpenedHeader;
}

export interface OpenedHeader {
  event: "opened";
  at?: string;
}

export interface Closed {
  header: ClosedHeader;
  reason?: string | null;
}

export interface ClosedHeader {
  event: "closed";
}
