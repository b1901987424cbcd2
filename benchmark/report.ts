import type { SuiteResult } from './suites/suite';

/** A table with its goals, as plain text: the first column to the left, figures to the right. */
export function formatResult({ title, columns, rows, goals }: SuiteResult): string {
  const table = [columns, ...rows];
  const widths = columns.map((_, column) => Math.max(...table.map(row => row[column].length)));
  const lines = table.map(row =>
    row.map((cell, column) => (column ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join('   ')
  );
  lines.splice(1, 0, widths.map(width => '-'.repeat(width)).join('   '));
  return [title, '', ...lines, ...goals.map(({ text, met }) => `${met ? 'met   ' : 'MISSED'}  ${text}`), ''].join('\n');
}
