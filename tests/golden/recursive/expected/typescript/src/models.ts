// Generated from asyncapi.yaml. Do not edit; run "nox -s generate".

export interface Node {
  value: Value;
  children?: Node[];
}

export type Value = string | Value[];
