import type { Io } from './io';
import { cut } from './text/cut';

const CLEAR_BELOW = '\u001b[0J';

/**
 * Lines that stay, and on a terminal a table below them that is redrawn. Elsewhere a table is lines like any others.
 */
export class Screen {
  readonly #io: Pick<Io, 'stdout' | 'isTTY'>;
  #table: readonly string[] = [];
  #drawn = 0;

  constructor(io: Pick<Io, 'stdout' | 'isTTY'>) {
    this.#io = io;
  }

  get width(): number {
    return this.#io.stdout.columns || 80;
  }

  /** How many lines a table may have; undefined where it is not redrawn. */
  get height(): number | undefined {
    return this.#io.isTTY ? (this.#io.stdout.rows || 24) - 1 : undefined;
  }

  /** Writes a line that stays, above the table. @returns a promise when the reader is to be waited for. */
  line(text: string): Promise<void> | undefined {
    const below = this.#table.length ? this.#tableText() : '';
    return this.#write(`${this.#erased()}${text}\n${below}`);
  }

  /** Puts this in the place of the last table. */
  table(lines: readonly string[]): Promise<void> | undefined {
    if (!this.#io.isTTY) return this.#write(`${lines.join('\n')}\n\n`);
    const erased = this.#erased();
    this.#table = lines;
    return this.#write(erased + this.#tableText());
  }

  /** The table stays as it is; what follows comes below it. */
  end(): void {
    this.#table = [];
    this.#drawn = 0;
  }

  /** A line that wraps would count as two: it is cut. */
  #tableText(): string {
    const lines = this.#table.slice(0, this.height);
    this.#drawn = lines.length;
    return lines.map(line => `${cut(line, this.width - 1)}\n`).join('');
  }

  #erased(): string {
    const text = this.#drawn ? `\u001b[${this.#drawn}A\r${CLEAR_BELOW}` : '';
    this.#drawn = 0;
    return text;
  }

  #write(text: string): Promise<void> | undefined {
    const { stdout } = this.#io;
    if (stdout.write(text)) return undefined;
    return new Promise(resolve => stdout.once('drain', resolve));
  }
}
