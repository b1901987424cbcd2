/** How often each event was heard from each node. */
export class Tally {
  readonly #nodes = new Map<string, Map<string, number>>();
  total = 0;

  add(node: string, event: string): void {
    let events = this.#nodes.get(node);
    if (!events) this.#nodes.set(node, (events = new Map()));
    events.set(event, (events.get(event) ?? 0) + 1);
    this.total++;
  }

  /** In the order in which they spoke first. */
  get nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** The most frequent first. */
  get events(): readonly string[] {
    const sums = new Map<string, number>();
    for (const events of this.#nodes.values()) {
      for (const [event, count] of events) sums.set(event, (sums.get(event) ?? 0) + count);
    }
    return [...sums].sort(([, a], [, b]) => b - a).map(([event]) => event);
  }

  of(node: string, event?: string): number {
    const events = this.#nodes.get(node);
    if (event !== undefined) return events?.get(event) ?? 0;
    return [...(events?.values() ?? [])].reduce((sum, count) => sum + count, 0);
  }
}
