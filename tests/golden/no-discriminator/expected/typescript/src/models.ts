// Generated from asyncapi.yaml. Do not edit; run "nox -s generate".

export interface Point {
  x: number;
  y: number;
}

export interface Label {
  text: string;
}
