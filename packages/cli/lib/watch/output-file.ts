import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { UsageError, reasonOf } from '../errors';
import { quote } from '../given-options';
import type { Sink } from './happening';
import { jsonLine } from './sinks';

/** The file of `--output`: lines of JSON, added to what it holds. */
export class OutputFile {
  readonly #path: string;
  readonly #stream: WriteStream;
  #failure: unknown;

  private constructor(path: string, stream: WriteStream) {
    this.#path = path;
    this.#stream = stream;
    stream.on('error', error => (this.#failure ??= error));
  }

  /**
   * @param source by what the user has named it: the option, or the variable.
   * @throws {UsageError} it cannot be written to.
   */
  static async open(path: string, source: string): Promise<OutputFile> {
    const stream = createWriteStream(path, { flags: 'a' });
    try {
      await once(stream, 'open');
    } catch (error) {
      throw new UsageError(`${source} ${quote(path)}: cannot be written: ${reasonOf(error)}`, { cause: error });
    }
    return new OutputFile(path, stream);
  }

  readonly sink: Sink = happening => {
    if (happening.type === 'rate' || this.#failure !== undefined) return undefined;
    if (this.#stream.write(jsonLine(happening))) return undefined;
    // A full disk: nobody drains it any more.
    return Promise.race([once(this.#stream, 'drain'), once(this.#stream, 'close')]).then(
      () => undefined,
      () => undefined
    );
  };

  /** Rejects if not all of it was written. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      await new Promise<void>(resolve => {
        this.#stream.once('error', () => resolve());
        this.#stream.end(() => resolve());
      });
    }
    if (this.#failure !== undefined)
      throw new Error(`${this.#path}: ${reasonOf(this.#failure)}`, { cause: this.#failure });
  }
}
