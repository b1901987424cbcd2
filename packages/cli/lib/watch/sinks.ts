import type { Io } from '../io';
import type { Screen } from '../screen';
import type { Style } from '../style';
import type { Happening, Sink } from './happening';
import { lineOf } from './lines';
import { rateTable } from './rate-table';
import { recordOf } from './records';

/** Each happening a line that people read. With `--rate` a table in the place of the single notifications. */
export function textSink(screen: Screen, style: Style, { rate }: { readonly rate: boolean }): Sink {
  return happening => {
    if (happening.type === 'rate') return screen.table(rateTable(happening.rates, screen.height, style));
    if (rate && happening.type === 'notification') return undefined;
    // What is drawn stays, and the end comes below it.
    if (happening.type === 'end') screen.end();
    const line = lineOf(happening, style);
    return line === undefined ? undefined : screen.line(line);
  };
}

/** Each happening an object of JSON, a line each. With `--rate` the rates in the place of the single notifications. */
export function jsonSink(stdout: Io['stdout'], { rate }: { readonly rate: boolean }): Sink {
  return happening => {
    if (rate && happening.type === 'notification') return undefined;
    if (stdout.write(jsonLine(happening))) return undefined;
    return new Promise(resolve => stdout.once('drain', resolve));
  };
}

/** As `--output` has it: every notification, and no rates. */
export function jsonLine(happening: Happening): string {
  return `${JSON.stringify(recordOf(happening))}\n`;
}
