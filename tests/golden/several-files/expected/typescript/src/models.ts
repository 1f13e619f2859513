// Generated from asyncapi.yaml. Do not edit; run "nox -s generate".

/** Somebody liked something. */
export interface Liked {
  by: User;
}

export interface User {
  id: number;
}
