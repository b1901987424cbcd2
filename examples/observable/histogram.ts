/** The upper ends of the bars, in milliseconds; the last bar has none. */
const BOUNDS = [1, 2, 5, 10, 20, 50, 100, Infinity] as const;
const BARS = ' ▁▂▃▄▅▆▇█';

/** Delays, and how they are spread. */
export class Histogram {
  readonly #delays: number[] = [];

  add(delay: number): void {
    this.#delays.push(delay);
  }

  get count(): number {
    return this.#delays.length;
  }

  /** The delay that this share of all does not exceed; undefined when there is none. */
  quantile(share: number): number | undefined {
    const sorted = [...this.#delays].sort((left, right) => left - right);
    return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
  }

  /** One character for each bar, the highest of them full. */
  toString(): string {
    const counts = BOUNDS.map((bound, index) => {
      const above = index === 0 ? -Infinity : BOUNDS[index - 1];
      return this.#delays.filter(delay => delay > above && delay <= bound).length;
    });
    const most = Math.max(1, ...counts);
    return counts.map(count => BARS[Math.ceil((count / most) * (BARS.length - 1))]).join('');
  }

  /** What the bars stand for. */
  static readonly legend = `bars: up to ${BOUNDS.slice(0, -1).join(', ')} ms, and more`;
}
