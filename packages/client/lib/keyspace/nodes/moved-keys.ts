import type { Message } from '../delivery/dispatcher';

export interface MovedKeysHost<N> {
  deliver(message: Message): void;
  /** Half of a pair: what a move of the key said of itself. */
  hide(message: Message): void;
  /**
   * Resolves when all that any node said before the call has been read, with the number of the last message that
   * had arrived when each node's answer was read.
   */
  fence(): Promise<Ends<N>>;
  /** Resolves when it is decided of all that has been read whether its node was to be believed. */
  decided(): Promise<void>;
  /** Is the slot of this key known to move all at once? Then nothing is moved key by key. */
  movesAtOnce(message: Message): boolean;
  /** Could this `del` be half of a pair whose `restore` nobody was there to hear? Resolves with whether it is. */
  isCarried?(node: N, message: Message): Promise<boolean>;
}

type Ends<N> = ReadonlyMap<N, number>;

interface Held<N> {
  readonly node: N;
  readonly message: Message;
  readonly owned: boolean;
  readonly inMotion: boolean;
  /** The first fence that begins after it arrived. */
  readonly round: number;
  /** Of a `del`, when that fence has passed: a `restore` of the same move has come before. */
  ends?: Ends<N>;
  /** A half of which the other has not been heard. */
  carried?: boolean;
}

/**
 * Finds the pair that MIGRATE makes of each key: `restore` at the target, which does not own the slot yet,
 * and `del` at the source, which does; a user's `del` has no `restore`. The source says `del` after the target
 * has acknowledged the RESTORE, but on two connections either may arrive first (Redis 7.0-8.8, Valkey 9). So
 * both halves wait until a fence over all nodes that began after them has passed, and with them what comes
 * later of the same key; a `restore` that is said behind the fence of a `del` is no half of it, but a user's. One
 * fence is under way at a time. A `del` therefore arrives one round trip late.
 */
export class MovedKeys<N> {
  readonly #host: MovedKeysHost<N>;
  /** Of each key that is held, in order of arrival, all from the first `del` or `restore` on. */
  readonly #keys = new Map<string, Held<N>[]>();
  #round = 0;
  #isFencing = false;
  /** Something has come since the last fence began. */
  #isWaiting = false;
  /** Resolves when all is settled of which the fence has begun. */
  #running: Promise<void> = Promise.resolve();

  constructor(host: MovedKeysHost<N>) {
    this.#host = host;
  }

  /**
   * @param owned whether the node owns the key's slot.
   * @param inMotion whether the slot is known to be on its way: then keys may be sent back as well.
   * @returns true when it waits here.
   */
  take(node: N, message: Message, owned: boolean, inMotion = false): boolean {
    const held = { node, message, owned, inMotion, round: this.#round + 1 };
    const begins = isDel(held) || isRestore(held);
    if (!begins && !this.#keys.size) return false;
    const id = keyOf(message);
    const earlier = this.#keys.get(id);
    if (!begins && !earlier) return false;
    if (earlier) earlier.push(held);
    else this.#keys.set(id, [held]);
    this.#isWaiting ||= begins;
    this.#begin();
    return true;
  }

  /** Resolves when what waits now does not wait any more. */
  async settled(): Promise<void> {
    const until = this.#round + 1;
    const waits = () => [...this.#keys.values()].some(([first]) => first.round <= until);
    while (waits()) await this.#running;
  }

  clear(): void {
    this.#keys.clear();
  }

  /** A fence for what has come since the last one began. */
  #begin(): void {
    if (this.#isFencing || !this.#isWaiting) return;
    this.#isFencing = true;
    this.#isWaiting = false;
    const round = ++this.#round;
    const fenced = this.#fence(round);
    this.#running = this.#running.then(async () => {
      await fenced;
      await this.#decide(round);
    });
  }

  async #fence(round: number): Promise<void> {
    // A node that is lost meanwhile says nothing more: its silence settles as well.
    const ends: Ends<N> = await this.#host.fence().catch(() => new Map());
    for (const entries of this.#keys.values()) {
      for (const entry of entries) if (entry.round === round) entry.ends = ends;
    }
    this.#isFencing = false;
    this.#begin();
  }

  async #decide(round: number): Promise<void> {
    await this.#host.decided();
    await this.#askAbout(round);
    for (const [id, held] of [...this.#keys]) {
      // A listener may have ended everything.
      if (!this.#keys.delete(id)) continue;
      const rest = this.#settle(held, round);
      if (rest.length) this.#keys.set(id, rest);
    }
  }

  /** Of a key without a pair: is the last that a node says of it half of one? */
  async #askAbout(round: number): Promise<void> {
    if (!this.#host.isCarried) return;
    const lone = [...this.#keys.values()].flatMap(entries =>
      findPair(entries) ? [] : (lastDel(entries, round) ?? [])
    );
    await Promise.all(
      lone.map(async entry => {
        entry.carried = await this.#host.isCarried!(entry.node, entry.message).catch(() => false);
      })
    );
  }

  /** Lets go whatever the fence `round` has decided. @returns what still waits. */
  #settle(entries: Held<N>[], round: number): Held<N>[] {
    const found = findPair(entries);
    const pair = found && !this.#host.movesAtOnce(entries[0].message) ? found : undefined;
    let at = 0;
    for (; at < entries.length; at++) {
      const entry = entries[at];
      if (!isDel(entry) && !isRestore(entry)) this.#deliver(entry);
      else if (entry.round > round) break;
      else if (!pair) this.#deliver(entry);
      else return this.#settlePair(pair, entries.slice(at), round);
    }
    return entries.slice(at);
  }

  /** What the source says before the move comes before what the target says. */
  #settlePair({ before, halves }: Pair<N>, entries: Held<N>[], round: number): Held<N>[] {
    // The rest of the copies, where several names bring them, may be on their way.
    if ([...halves].some(half => half.round > round)) return entries;
    for (const entry of entries) if (before.has(entry)) this.#deliver(entry);
    for (const { message } of halves) this.#host.hide(message);
    return this.#settle(
      entries.filter(entry => !before.has(entry) && !halves.has(entry)),
      round
    );
  }

  #deliver({ message, carried }: Held<N>): void {
    if (carried) this.#host.hide(message);
    else this.#host.deliver(message);
  }
}

interface Pair<N> {
  /** What the source says besides, but for what comes too late. */
  readonly before: ReadonlySet<Held<N>>;
  readonly halves: ReadonlySet<Held<N>>;
}

/**
 * The move's `del` is the last that the source says of the key, its `restore` the first that the target says.
 * Each name that is subscribed brings its own copy of either. Where a key is sent back to the owner of its slot, a
 * redirected write may come too late and make it anew, and the owner may have been written to before.
 */
function findPair<N>(held: readonly Held<N>[]): Pair<N> | undefined {
  if (!held.some(isRestore)) return undefined;
  const nodes = [...new Set(held.map(({ node }) => node))];
  for (const source of nodes) {
    const said = held.filter(({ node }) => node === source);
    const last = said.findLastIndex(isDel);
    if (last === -1 || (said[last].owned && last < said.length - 1)) continue;
    const first = said.slice(0, last).findLastIndex(entry => !isDel(entry)) + 1;
    const dels = said.slice(first, last + 1);
    for (const target of nodes) {
      if (target === source) continue;
      const others = held.filter(({ node }) => node === target);
      const until = Math.max(...dels.map(({ ends }) => ends?.get(target) ?? Infinity));
      const restores = movedRestores(others, until);
      if (!restores.length) continue;
      const halves = new Set([...oneOfEachName([...restores].reverse()), ...oneOfEachName(dels)]);
      return { before: new Set(said.slice(0, last + 1).filter(entry => !halves.has(entry))), halves };
    }
  }
  return undefined;
}

/** Those of a move, in what its target says of the key: up to the message of this number. */
function movedRestores<N>(said: readonly Held<N>[], until: number): readonly Held<N>[] {
  const isHalf = (entry: Held<N>) => isRestore(entry) && entry.message.number <= until;
  if (!said[0].owned) {
    const end = said.findIndex(entry => !isHalf(entry));
    return end === -1 ? said : said.slice(0, end);
  }
  const last = said.findLastIndex(isHalf);
  const first = said.slice(0, last + 1).findLastIndex(entry => !isHalf(entry)) + 1;
  return said.slice(first, last + 1);
}

/** The `del` that a fence has decided and that its node says nothing of the key after. */
function lastDel<N>(held: readonly Held<N>[], round: number): Held<N> | undefined {
  const del = held.findLast(isDel);
  return del && del.round <= round && held.findLast(({ node }) => node === del.node) === del ? del : undefined;
}

/** The last of each. */
function oneOfEachName<N>(held: readonly Held<N>[]): Held<N>[] {
  return [...new Map(held.map(entry => [entry.message.want.id, entry])).values()];
}

function isDel<N>({ owned, inMotion, message }: Held<N>): boolean {
  return (owned || inMotion) && message.notification.event === 'del';
}

function isRestore<N>({ owned, inMotion, message }: Held<N>): boolean {
  return (!owned || inMotion) && message.notification.event === 'restore';
}

function keyOf({ notification: { database, source, keyStart, keyEnd } }: Message): string {
  return `${database}:${source.toString('latin1', keyStart, keyEnd)}`;
}
