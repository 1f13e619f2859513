// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Node {
  value: Value;
  children?: Node[];
}

export type Value = string | Value[];
