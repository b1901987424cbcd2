import type { RoundResult } from './round';

const FIGURES = ['acknowledged', 'lost', 'repeated', 'invented', 'misordered', 'coveredByGap', 'gaps'] as const;
const HEADS = ['heard by', ...FIGURES].map(figure => (figure === 'coveredByGap' ? 'of these in a gap' : figure));

/** What each listener made of all rounds, as a table of Markdown. */
export class Table {
  readonly #rows = new Map<string, number[]>();

  add({ ours, peers }: RoundResult): void {
    for (const { name, verdict } of [...ours, ...peers]) {
      const row = this.#rows.get(name) ?? FIGURES.map(() => 0);
      this.#rows.set(
        name,
        row.map((sum, index) => sum + verdict.summary[FIGURES[index]])
      );
    }
  }

  toString(): string {
    const rows = [...this.#rows].map(([name, sums]) => [name, ...sums.map(sum => sum.toLocaleString('en'))]);
    const rule = HEADS.map((_, index) => (index ? '---:' : '---'));
    return [HEADS, rule, ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n');
  }
}
