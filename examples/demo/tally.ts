/** How often each event was heard from each node. */
export class Tally {
  readonly #nodes = new Map<string, Map<string, number>>();
  readonly #sums = new Map<string, number>();
  total = 0;

  add(node: string, event: string): void {
    let events = this.#nodes.get(node);
    if (!events) this.#nodes.set(node, (events = new Map()));
    events.set(event, (events.get(event) ?? 0) + 1);
    this.#sums.set(event, this.sumOf(event) + 1);
    this.total++;
  }

  /** In the order in which they spoke first. */
  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** In the order in which they were heard first. */
  get events(): readonly string[] {
    return [...this.#sums.keys()];
  }

  sumOf(event: string): number {
    return this.#sums.get(event) ?? 0;
  }

  of(node: string, event?: string): number {
    const events = this.#nodes.get(node);
    if (event !== undefined) return events?.get(event) ?? 0;
    return [...(events?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }
}
