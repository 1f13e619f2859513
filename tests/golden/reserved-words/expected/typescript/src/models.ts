// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface ClassSubscribe {
  type: "class.subscribe";
  payload: ClassSubscribePayload;
}

export interface ClassSubscribePayload {
  import: string;
}

export interface ClassSubscribeResponse {
  type: "class.subscribe.response";
  payload: ClassSubscribeResponsePayload;
}

export interface ClassSubscribeResponsePayload {
  status: "ok";
  topic: string;
}

export interface ClassReturn {
  type: "class.return";
  topic?: string;
  payload: ClassReturnPayload;
}

export interface ClassReturnPayload {
  def: number;
}

export interface Error {
  type: "error";
  payload: ErrorPayload;
}

export interface ErrorPayload {
  status: "error";
  code: string;
  message: string;
  retryable: boolean;
}
