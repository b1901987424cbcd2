import type { EventEmitter } from 'node:events';

/** What upstream reports of connections that a test breaks on purpose. */
export const NETWORK_ERRORS =
  /ECONNREFUSED|ECONNRESET|EPIPE|Socket closed|Connection timeout|None of the root nodes|CLUSTERDOWN|LOADING|ClientOffline|client is closed|Client is closed/i;

/** Collects the `error` events of a client. */
export class ErrorLog {
  readonly errors: Error[] = [];
  readonly #expected: RegExp | undefined;

  constructor(client: EventEmitter, expected?: RegExp) {
    this.#expected = expected;
    client.on('error', (error: Error) => this.errors.push(error));
  }

  /** @throws the first error that the test did not bring about. */
  assertExpected(): void {
    const unexpected = this.errors.find(error => !this.#expected?.test(`${error.name} ${error.message}`));
    if (unexpected)
      throw new Error(`the client emitted an error that nobody expected: ${unexpected.message}`, { cause: unexpected });
  }
}
