// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface Add {
  op: "add";
  id: number;
  by: number;
}

export interface Reset {
  op: "reset";
}

export interface Added {
  op: "added";
  id: number;
  total: number;
}

export interface Changed {
  op: "changed";
  total: number;
}
