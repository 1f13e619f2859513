// What clients.ts uses of Node.

declare module "node:fs" {
  export interface WriteStream {
    write(text: string): boolean;
    end(done: () => void): void;
  }
  export function createWriteStream(path: string): WriteStream;
}

declare module "node:readline" {
  export function createInterface(options: { readonly input: unknown }): {
    on(event: "line", heard: (line: string) => void): void;
  };
}

declare const process: {
  readonly argv: readonly string[];
  readonly stdin: unknown;
  readonly stdout: { write(text: string): boolean };
  memoryUsage(): { readonly heapUsed: number; readonly external: number };
};
