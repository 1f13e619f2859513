// What is used of Vue, so that this package builds where Vue is not installed.
export interface Ref<T> {
  value: T;
}
export interface ComputedRef<T> {
  readonly value: T;
}
export type MaybeRefOrGetter<T> = T | Ref<T> | ComputedRef<T> | (() => T);
export interface InjectionKey<T> extends Symbol {
  readonly _?: T;
}
export interface App {
  provide<T>(key: InjectionKey<T>, value: T): this;
}
export function computed<T>(get: () => T): ComputedRef<T>;
export function getCurrentInstance(): object | null;
export function inject<T>(key: InjectionKey<T>, otherwise: undefined): T | undefined;
export function onMounted(hook: () => void): void;
export function provide<T>(key: InjectionKey<T>, value: T): void;
export function shallowRef<T>(value: T): Ref<T>;
export function toValue<T>(source: MaybeRefOrGetter<T>): T;
export function watch<T>(
  source: (() => T) | { readonly value: T },
  changed: (value: T, before: T | undefined, cleanup: (undo: () => void) => void) => void,
  options?: { readonly immediate?: boolean },
): unknown;
