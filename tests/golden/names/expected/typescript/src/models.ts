// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface PromiseSchema {
  then?: RecordSchema;
}

export type RecordSchema = "" | "a b" | "None";

export interface Return {
  from: string;
  "2fa": boolean;
  "foo-bar": number;
  $id?: string;
  model_config?: string;
  /** An "apostrophe" *\/ and a backslash \. */
  "it's"?: string;
}
