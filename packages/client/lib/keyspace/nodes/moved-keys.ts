import type { Message } from '../delivery/dispatcher';

export interface MovedKeysHost<N> {
  deliver(node: N, message: Message): void;
  /** Half of a pair: what a move of the key said of itself. */
  hide(message: Message): void;
  /** Takes what waited behind a pair as if it came now. */
  again(node: N, message: Message): void;
  /** Resolves when all that any node said before the call has been read. */
  fence(): Promise<void>;
}

interface Held<N> {
  readonly node: N;
  readonly message: Message;
}

interface HeldKey<N> {
  /** It may be settled by a fence that began as this round, or later. */
  readonly round: number;
  readonly dels: Held<N>[];
  readonly restores: Held<N>[];
  /** Whatever came of the key afterwards, in order. */
  readonly later: Held<N>[];
}

/**
 * Finds the pair that MIGRATE makes of each key: `restore` at the target, which does not own the slot yet,
 * and `del` at the source, which does; a user's `del` has no `restore`. The source says `del` after the target
 * has acknowledged the RESTORE, but on two connections either may arrive first (Redis 7.0-8.8, Valkey 9). So
 * both halves wait until a fence over all nodes that began after them has passed, and with them what comes
 * later of the same key. One fence is under way at a time. A `del` therefore arrives one round trip late.
 */
export class MovedKeys<N> {
  readonly #host: MovedKeysHost<N>;
  readonly #keys = new Map<string, HeldKey<N>>();
  #round = 0;
  #running: Promise<void> | undefined;

  constructor(host: MovedKeysHost<N>) {
    this.#host = host;
  }

  /** @param owned whether the node owns the key's slot. @returns true when it waits here. */
  take(node: N, message: Message, owned: boolean): boolean {
    const { event } = message.notification;
    const isDel = owned && event === 'del';
    const isRestore = !owned && event === 'restore';
    if (!isDel && !isRestore && !this.#keys.size) return false;
    const id = keyOf(message);
    let held = this.#keys.get(id);
    if (!held) {
      if (!isDel && !isRestore) return false;
      held = { round: this.#round + 1, dels: [], restores: [], later: [] };
      this.#keys.set(id, held);
    }
    listOf(held, isDel, isRestore).push({ node, message });
    this.#running ??= this.#run();
    return true;
  }

  /** Resolves when what waits now does not wait any more. */
  async settled(): Promise<void> {
    const round = this.#round + 1;
    while (this.#running && this.#keys.size && this.#round <= round) await this.#running;
  }

  clear(): void {
    this.#keys.clear();
  }

  async #run(): Promise<void> {
    const round = ++this.#round;
    // A node that is lost meanwhile says nothing more: its silence settles as well.
    await this.#host.fence().catch(() => undefined);
    for (const [id, held] of this.#keys) {
      if (held.round > round) continue;
      this.#keys.delete(id);
      this.#settle(held);
    }
    this.#running = this.#keys.size ? this.#run() : undefined;
  }

  #settle({ dels, restores, later }: HeldKey<N>): void {
    const isPair = dels.length > 0 && restores.length > 0;
    for (const { node, message } of [...restores, ...dels]) {
      if (isPair) this.#host.hide(message);
      else this.#host.deliver(node, message);
    }
    for (const { node, message } of later) this.#host.again(node, message);
  }
}

/** The second half of a pair belongs to the first, also when a redirected write of the key came in between. */
function listOf<N>(held: HeldKey<N>, isDel: boolean, isRestore: boolean): Held<N>[] {
  const { dels, restores, later } = held;
  if (isDel && (!later.length || dels.length < restores.length)) return dels;
  if (isRestore && (!later.length || restores.length < dels.length)) return restores;
  return later;
}

function keyOf({ notification: { database, source, keyStart, keyEnd } }: Message): string {
  return `${database}:${source.toString('latin1', keyStart, keyEnd)}`;
}
