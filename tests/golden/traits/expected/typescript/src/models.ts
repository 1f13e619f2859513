// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

/** From the trait. */
export interface Job {
  task: string;
}
