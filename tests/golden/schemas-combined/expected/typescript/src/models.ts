// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Named {
  name: string;
}

export interface Circle {
  name: string;
  kind: "circle";
  radius: number;
}

export interface Square {
  kind: "square";
  side: number | string;
  tags?: string[];
  extra?: { [key: string]: number };
}

export type Shape = Circle | Square;
