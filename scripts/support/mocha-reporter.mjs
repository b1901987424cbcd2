import { writeFileSync } from 'node:fs';
import process from 'node:process';
import { format } from 'node:util';
import Mocha from 'mocha';

const { Base, Spec } = Mocha.reporters;

/**
 * Mocha's own reporter, but its summary and its counts go to the file named by MOCHA_SUMMARY_FILE instead of the
 * terminal, for `scripts/test.mjs` to print last. A run that does not reach its end writes no file.
 */
export default class SummaryReporter extends Spec {
  epilogue() {
    const { passes, failures, pending } = this.stats;
    writeFileSync(
      process.env.MOCHA_SUMMARY_FILE,
      JSON.stringify({ passed: passes, failed: failures, skipped: pending, text: this.#ownWords() })
    );
  }

  #ownWords() {
    const lines = [];
    const print = Base.consoleLog;
    Base.consoleLog = (...values) => lines.push(format(...values));
    try {
      super.epilogue();
    } finally {
      Base.consoleLog = print;
    }
    return lines.join('\n');
  }
}
