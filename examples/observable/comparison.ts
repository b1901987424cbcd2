import type { Observer } from './observer';
import type { Round } from './writer';

/** The two styles side by side, as a table of text. */
export function comparison(observers: readonly Observer[], rounds: readonly Round[]): string {
  const rows: [title: string, value: (observer: Observer) => string | number][] = [
    ['node', ({ node }) => node],
    ['values seen', ({ delays }) => delays.count],
    ['looks that found nothing new', ({ repeats }) => repeats],
    ['delay, median', ({ delays }) => milliseconds(delays.quantile(0.5))],
    ['delay, 95 %', ({ delays }) => milliseconds(delays.quantile(0.95))],
    ['delay, longest', ({ delays }) => milliseconds(delays.quantile(1))],
    ['answers in time', ({ name }) => `${answersOf(name, rounds)} of ${rounds.length}`],
    ['gaps', ({ gaps }) => gaps]
  ];
  const lines = [
    ['', ...observers.map(({ name }) => name)],
    ...rows.map(([title, value]) => [title, ...observers.map(value)])
  ];
  const texts = lines.map(line => line.map(String));
  const widths = texts[0].map((_, column) => Math.max(...texts.map(line => line[column].length)));
  return texts
    .map(line =>
      line
        .map((text, column) => padded(text, widths[column], column))
        .join('  ')
        .trimEnd()
    )
    .join('\n');
}

function answersOf(name: string, rounds: readonly Round[]): number {
  return rounds.filter(({ answers }) => answers.get(name) !== undefined).length;
}

function milliseconds(delay: number | undefined): string {
  return delay === undefined ? '-' : `${delay} ms`;
}

function padded(text: string, width: number, column: number): string {
  return column === 0 ? text.padEnd(width) : text.padStart(width);
}
