/** Takes a listener away again. */
export type Off = () => void;

/** Hears of what goes wrong. */
export interface Reporter {
  report(error: unknown): void;
}

/** Calls listeners in the order they came; one that fails does not stop the others. */
export class Emitter<Args extends readonly unknown[]> {
  readonly #listeners = new Set<(...args: Args) => unknown>();
  readonly #reporter: Reporter;

  constructor(reporter: Reporter) {
    this.#reporter = reporter;
  }

  add(call: (...args: Args) => unknown): Off {
    // A function of its own: one that is added twice is called twice.
    const entry = (...args: Args): unknown => call(...args);
    this.#listeners.add(entry);
    return () => void this.#listeners.delete(entry);
  }

  /** Whether anybody listened. */
  emit(...args: Args): boolean {
    const listeners = [...this.#listeners];
    for (const call of listeners) {
      guard(() => call(...args), this.#reporter);
    }
    return listeners.length > 0;
  }
}

/** Runs a listener; what it throws, or its promise rejects with, is reported. */
export function guard(run: () => unknown, reporter: Reporter): void {
  const failed = (error: unknown): void => reporter.report(error);
  try {
    (run() as Promise<unknown> | undefined)?.catch?.(failed);
  } catch (error) {
    failed(error);
  }
}
