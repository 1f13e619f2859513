// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Going {
  back_in_ms: number;
}

export interface Refusal {
  status: "error";
  code: string;
  message: string;
  retryable: boolean;
  retry_after_ms?: number;
}

export interface Look {
  type: "look";
  id?: number;
}

export interface Seen {
  type: "seen";
  id?: number;
}

/** The light is about to go out. */
export interface LampGoing {
  type: "lamp.going";
  payload: Going;
}

export interface Refused {
  type: "refused";
  id?: number;
  payload: Refusal;
}
