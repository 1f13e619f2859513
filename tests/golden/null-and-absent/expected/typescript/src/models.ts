// Generated from asyncapi.yaml. Do not edit; run "python -m codegen generate".

export interface State {
  must: string;
  mustOrNull: string | null;
  may?: string;
  mayOrNull?: string | null;
  /** @defaultValue `5` */
  withDefault?: number;
}
