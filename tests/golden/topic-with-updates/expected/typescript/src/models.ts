// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Station {
  station: string;
}

export interface Weather {
  /** The air's temperature. */
  celsius: number;
  /** @defaultValue `"clear"` */
  sky?: "clear" | "cloudy";
}

export interface Subscribed {
  status: "ok";
  topic: string;
}

export interface Problem {
  status: "error";
  code: string;
  message: string;
  retryable: boolean;
  errors?: ProblemErrorsItem[];
}

export interface ProblemErrorsItem {
  path: string;
  message: string;
}

export interface WeatherSubscribe {
  kind: "weather.subscribe";
  ref?: number;
  body: Station;
}

export interface WeatherSubscribeResponse {
  kind: "weather.subscribe.response";
  ref?: number;
  n?: number;
  body: WeatherSubscribeResponseBody;
}

export type WeatherSubscribeResponseBody = Subscribed | Problem;

/** The weather changed. */
export interface WeatherUpdate {
  kind: "weather.update";
  topic?: string;
  n?: number;
  first?: number;
  body: Weather;
}

export interface ProblemMessage {
  kind: "problem";
  ref?: number;
  body: Problem;
}
