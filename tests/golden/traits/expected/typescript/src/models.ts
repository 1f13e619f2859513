// Generated from asyncapi.yaml. Do not edit; run "nox -s generate".

/** From the trait. */
export interface Job {
  task: string;
}
