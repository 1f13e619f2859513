// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Say {
  text: string;
}

/** Somebody spoke. */
export interface Said {
  who: string;
  text: string;
}

export type Presence = string[];
