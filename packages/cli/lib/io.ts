import type { Screen } from './screen';

/** A stream that text is written to: `process.stdout`, or what stands for it. */
export interface Output {
  /** False when it should rest until `drain`. */
  write(text: string): boolean;
  once(event: 'drain', listener: () => void): unknown;
  /** Of a terminal. */
  readonly columns?: number;
  /** Of a terminal. */
  readonly rows?: number;
}

/** Where a password is read from: `process.stdin`, or what stands for it. */
export interface Input {
  on(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
  on(event: 'end', listener: () => void): unknown;
  removeListener(event: 'data', listener: (chunk: Buffer | string) => void): unknown;
  removeListener(event: 'end', listener: () => void): unknown;
  resume(): unknown;
  pause(): unknown;
  /** Whether somebody can be asked there. */
  readonly isTTY?: boolean;
  /** Of a terminal: without it, what is typed is shown. */
  setRawMode?(mode: boolean): unknown;
}

/** All that a command touches besides servers and files, so that it can be run within a process. */
export interface Io {
  readonly stdout: Output;
  readonly stderr: Output;
  readonly stdin: Input;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Whether `stdout` is a terminal: colours, and a table that is redrawn. */
  readonly isTTY: boolean;
  /** Aborted by Ctrl-C. */
  readonly signal: AbortSignal;
  /** Draws on `stdout`, if somebody else does so too. @default one of its own */
  readonly screen?: Screen;
}
