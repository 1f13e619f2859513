/** Calls `beat` whenever nothing was sent for a while. */
export class Heartbeat {
  readonly #silenceMs: number;
  readonly #beat: () => void;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(silenceMs: number, beat: () => void) {
    this.#silenceMs = silenceMs;
    this.#beat = beat;
  }

  /** Something was sent: begin to count anew. */
  touch(): void {
    this.stop();
    this.#timer = setTimeout(this.#beat, this.#silenceMs);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
