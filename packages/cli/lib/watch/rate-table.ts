import type { Style } from '../style';
import { number, printable } from '../text/format';
import type { Rate, RateReport } from './rates';

const NUMBER_WIDTH = 11;
const NAME_WIDTH = 24;
const MOST_ROWS = 10;
/** The line of the sum, and each part's heading and the empty line before it. */
const FIXED_LINES = 1 + 3 * 2;

/** The table of `--rate`: in all, by node, by event, by prefix. As many rows as there is height. */
export function rateTable(report: RateReport, height: number | undefined, style: Style): string[] {
  const parts: [title: string, rates: readonly Rate[]][] = [
    ['node', report.nodes],
    ['event', report.events],
    ['prefix', report.prefixes]
  ];
  const most = shares(
    parts.map(([, rates]) => rates.length),
    height === undefined ? 3 * MOST_ROWS : height - FIXED_LINES
  );
  return [
    style.bold(`${number(report.total)} heard, ${perSecondText(report.perSecond)} a second`),
    ...parts.flatMap(([title, rates], index) => partLines(title, rates, most[index], style))
  ];
}

function partLines(title: string, rates: readonly Rate[], most: number, style: Style): string[] {
  const shown = rates.length <= most ? rates : [...rates.slice(0, most - 1), sumOf(rates.slice(most - 1))];
  const rows = shown.map(({ name, perSecond, total }) => row(printable(name), perSecondText(perSecond), number(total)));
  return ['', style.dim(row(title, '/s', 'in all')), ...rows];
}

/** Divides the rows among the parts: each gets what it needs, and the greedy ones share the rest. */
function shares(needs: readonly number[], rows: number): number[] {
  let left = Math.max(rows, 2 * needs.length);
  const given = needs.map(() => 0);
  const inOrder = needs.map((need, index) => ({ need, index })).sort((a, b) => a.need - b.need);
  inOrder.forEach(({ need, index }, position) => {
    given[index] = Math.min(need, MOST_ROWS, Math.floor(left / (needs.length - position)));
    left -= given[index];
  });
  return given;
}

function perSecondText(value: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}

function sumOf(rates: readonly Rate[]): Rate {
  return {
    name: `${number(rates.length)} more`,
    perSecond: Math.round(rates.reduce((sum, { perSecond }) => sum + perSecond, 0) * 10) / 10,
    total: rates.reduce((sum, { total }) => sum + total, 0)
  };
}

function row(name: string, perSecond: string, total: string): string {
  const cut = name.length > NAME_WIDTH ? `${name.slice(0, NAME_WIDTH - 1)}…` : name;
  return cut.padEnd(NAME_WIDTH) + perSecond.padStart(NUMBER_WIDTH) + total.padStart(NUMBER_WIDTH);
}
