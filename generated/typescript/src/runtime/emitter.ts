/** Takes a listener away again. */
export type Off = () => void;

/** Calls listeners in the order they came; one that fails does not stop the others. */
export class Emitter<Args extends readonly unknown[]> {
  readonly #listeners = new Set<{ call: (...args: Args) => unknown }>();
  readonly #failed: (error: unknown) => void;

  constructor(failed: (error: unknown) => void) {
    this.#failed = failed;
  }

  /** Whether anybody listens. */
  get used(): boolean {
    return this.#listeners.size > 0;
  }

  add(call: (...args: Args) => unknown): Off {
    const entry = { call };
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  emit(...args: Args): void {
    for (const { call } of [...this.#listeners]) {
      guard(() => call(...args), this.#failed);
    }
  }
}

/** Runs a listener; what it throws, or its promise rejects with, goes to `failed`. */
export function guard(run: () => unknown, failed: (error: unknown) => void): void {
  try {
    const result = run();
    if (result instanceof Promise) {
      result.catch(failed);
    }
  } catch (error) {
    failed(error);
  }
}
