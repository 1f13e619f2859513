// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Position {
  life: string;
  n: number;
}

/** Layers, or those that changed. */
export interface Winds {
  air: Layers;
  "up-draft": Layer[];
}

export type Layers = Layer[];

export interface Layer {
  metres: Metres;
  knots: number;
}

export type Metres = number;

export type Answer = Done | Problem;

export interface Welcome {
  status: "ok";
  /** For how many milliseconds the ticket is good. */
  lasts?: number;
}

export interface Notice {
  code: string;
  message: string;
}

export interface Done {
  status: "ok";
  topic?: string;
}

export interface Problem {
  status: "error";
  code: string;
  message: string;
  retryable: boolean;
}

export interface SoundingSubscribe {
  kind: "sounding.subscribe";
  ref?: number;
  since?: Position;
  body: SoundingSubscribeBody;
}

export interface SoundingSubscribeBody {
  station: string;
  /** @defaultValue `5` */
  layers?: 5 | 50;
}

export interface SoundingSubscribeResponse {
  kind: "sounding.subscribe.response";
  ref?: number;
  n?: number;
  life?: string;
  gapless?: boolean;
  body: Answer;
}

export interface SoundingUpdate {
  kind: "sounding.update";
  topic?: string;
  n?: number;
  first?: number;
  life?: string;
  whole?: boolean;
  sum?: number;
  at?: number;
  body: Winds;
}

export interface AlarmSubscribe {
  kind: "alarm.subscribe";
  since?: Position;
}

export interface AlarmSubscribeResponse {
  kind: "alarm.subscribe.response";
  n?: number;
  life?: string;
  gapless?: boolean;
  body: Answer;
}

export interface AlarmUpdate {
  kind: "alarm.update";
  topic?: string;
  n?: number;
  first?: number;
  life?: string;
  whole?: boolean;
  at?: number;
  body: AlarmUpdateBody;
}

export interface AlarmUpdateBody {
  place: string;
  text: string;
}

export interface OutlookSubscribe {
  kind: "outlook.subscribe";
  since?: Position;
}

export interface OutlookSubscribeResponse {
  kind: "outlook.subscribe.response";
  n?: number;
  life?: string;
  gapless?: boolean;
  body: Answer;
}

export interface OutlookUpdate {
  kind: "outlook.update";
  topic?: string;
  n?: number;
  first?: number;
  life?: string;
  whole?: boolean;
  at?: number;
  body: OutlookUpdateBody;
}

export interface OutlookUpdateBody {
  place: string;
  text: string;
}

export interface Login {
  kind: "login";
  ref?: number;
  body: LoginBody;
}

export interface LoginBody {
  ticket: string;
}

export interface LoginResponse {
  kind: "login.response";
  ref?: number;
  body: LoginResponseBody;
}

export type LoginResponseBody = Welcome | Problem;

/** A topic begins anew. */
export interface Anew {
  kind: "anew";
  topic: string;
  n?: number;
  life?: string;
  body: Notice;
}

/** A topic is taken away. */
export interface Over {
  kind: "over";
  topic: string;
  body: Notice;
}

export interface ProblemMessage {
  kind: "problem";
  ref?: number;
  body: Problem;
}
