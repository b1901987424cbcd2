import { asCommandLine, type ServiceCall, type Where } from '../../elasticache/service-call';
import type { GivenOptions } from '../../given-options';
import type { Io } from '../../io';
import { readWhere } from './service-options';

/** Tells what is done: lines for people, or with `--json` one object a line. */
export class Report {
  readonly #io: Io;
  readonly #isJson: boolean;
  readonly #where: Where;

  constructor(given: GivenOptions, io: Io) {
    this.#io = io;
    this.#isJson = given.flag('json');
    this.#where = readWhere(given);
  }

  /** One thing, in both forms. */
  tell(type: string, fields: object, ...lines: readonly string[]): void {
    if (this.#isJson) this.#io.stdout.write(`${JSON.stringify({ type, ...fields })}\n`);
    else for (const line of lines) this.#io.stdout.write(`${line}\n`);
  }

  /** A call, when it is made or, in a dry run, instead. */
  call(call: ServiceCall): void {
    this.tell('call', call, `  ${asCommandLine(call, this.#where)}`);
  }

  /** What is being waited for. */
  status(status: string): void {
    this.tell('status', { status }, `  ${status}`);
  }
}
