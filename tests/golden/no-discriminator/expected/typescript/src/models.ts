// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Point {
  x: number;
  y: number;
}

export interface Label {
  text: string;
}
