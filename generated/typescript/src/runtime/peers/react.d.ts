// What is used of React, so that this package builds where React's own types are not installed.
export type ReactNode = unknown;
export interface ReactElement {
  readonly type: unknown;
  readonly props: unknown;
  readonly key: string | null;
}
export interface Context<T> {
  readonly Provider: (props: { readonly value: T; readonly children?: ReactNode }) => ReactElement;
}
export function createContext<T>(value: T): Context<T>;
export function createElement<Props>(
  type: (props: Props) => ReactElement,
  props: Props,
  ...children: ReactNode[]
): ReactElement;
export function useCallback<Callback>(callback: Callback, dependencies: readonly unknown[]): Callback;
export function useContext<T>(context: Context<T>): T;
export function useSyncExternalStore<T>(
  subscribe: (changed: () => void) => () => void,
  snapshot: () => T,
  serverSnapshot?: () => T,
): T;
