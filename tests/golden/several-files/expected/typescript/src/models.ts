// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** Somebody liked something. */
export interface Liked {
  by: User;
}

export interface User {
  id: number;
}
