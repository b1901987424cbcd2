import { TestKitUsageError } from '../errors';
import { slotOf } from '../cluster/slot-key';
import type { SlotRange } from '../cluster/slot-ranges';
import type { TestCluster } from '../cluster/test-cluster';
import { sleep } from '../wait';
import { check, type Verdict } from './checker';
import { Crew, type CrewOptions } from './crew';
import { Hearing } from './hearing';
import { Ledger } from './ledger';
import { Random } from './random';
import { measureOutages, type OutageReport } from './outage';
import { formatVerdict } from './report';
import { runSteps, type Door, type Scene, type Step } from './scene';
import { StepLog } from './step-log';
import { Witness } from './witness';
import type { StormClient, Writers } from './writers';

/** One way to hear notifications, as the caller makes it. */
export interface StormListener {
  readonly name: string;
  /** Which notifications it asks for. @default all */
  wants?(event: string, key: string, database: number): boolean;
  /** Begins to hear; resolves when all nodes have confirmed. */
  open(hearing: Hearing, storm: Storm): Promise<OpenListener>;
}

export interface OpenListener {
  /** Resolves when all that was acknowledged before has been heard, where the listener can tell. */
  fence?(): Promise<void>;
  close(): unknown;
}

export interface StormOptions extends CrewOptions {
  /** The same seed makes the same choices. @default 1 */
  readonly seed?: number;
  /** Slots of each primary that get half of the writes. @default 6 */
  readonly focusSlots?: number;
  /** ms until keys expire, from and to. @default [200, 800] */
  readonly ttl?: readonly [from: number, to: number];
  /** What the listeners go through to reach a node, by its address. */
  readonly doors?: ReadonlyMap<string, Door>;
  /** Listen to every node besides, so that reports say who said what. @default false */
  readonly witness?: boolean;
}

/** What one listener is found to have heard. */
export interface StormResult {
  readonly name: string;
  readonly verdict: Verdict;
  /** How its gaps fit what the steps have really cut. */
  readonly outages: readonly OutageReport[];
  /** For people. */
  readonly report: string;
}

/** What was heard last must have been so long ago before it counts as all. */
const QUIET = 400;
/** How long what is missing may take to be heard. */
const PATIENCE = 4_000;

interface Ear {
  readonly listener: StormListener;
  readonly hearing: Hearing;
  open: OpenListener | undefined;
}

/**
 * Writers who record every acknowledgement, listeners who record every notification, and moves of the cluster
 * under them. `begin`, `listen`, `play`, `end`; the results say what each listener lost, repeated, invented or
 * put out of order.
 */
export class Storm implements Scene {
  readonly cluster: TestCluster;
  readonly ledger = new Ledger();
  readonly log = new StepLog();
  readonly random: Random;
  readonly crew: Crew;
  readonly focus: readonly number[];
  readonly doors: ReadonlyMap<string, Door>;
  readonly #ears: Ear[] = [];
  readonly #witness: Witness | undefined;

  private constructor(cluster: TestCluster, client: StormClient, dump: Buffer, focus: number[], options: StormOptions) {
    const { seed = 1, focusSlots: _, ttl = [200, 800], weights, witness, doors = new Map(), ...writing } = options;
    this.cluster = cluster;
    this.focus = focus;
    this.random = new Random(seed);
    this.doors = doors;
    const fields = cluster.binary.supports('fieldExpiry') ? {} : { expiringField: 0 };
    const source = { random: this.random, dump, ttl };
    this.crew = new Crew(cluster, client, this.ledger, source, focus, {
      ...writing,
      weights: { ...weights, ...fields }
    });
    this.#witness = witness ? new Witness(cluster, this.prefix) : undefined;
  }

  /** The writers do not write before `play`, so that listeners can know their keys. */
  static async begin(cluster: TestCluster, client: StormClient, options: StormOptions = {}): Promise<Storm> {
    const { seed = 1, focusSlots = 6 } = options;
    const random = new Random(seed).fork();
    const focus: number[] = [];
    for (const primary of await cluster.primaries()) {
      focus.push(...random.sample(await cluster.slotsOf(primary), focusSlots));
    }
    if (focus.length === 0) {
      throw new TestKitUsageError('A storm needs a cluster whose primaries own slots');
    }
    const storm = new Storm(cluster, client, await dumpOf(cluster), focus, options);
    try {
      await storm.#witness?.open();
      await storm.crew.open();
    } catch (error) {
      await storm.close();
      throw error;
    }
    return storm;
  }

  /** Every key starts so. */
  get prefix(): string {
    return this.crew.prefix;
  }

  /** Those of this process. */
  get writers(): Writers {
    return this.crew.here;
  }

  /** Keys of the slots that are moved most, known before the first write. */
  get counters(): string[] {
    const focus = new Set(this.focus);
    return this.crew.counters.filter(key => focus.has(slotOf(key)));
  }

  hasWrittenSince(time: number, slots: readonly SlotRange[]): Promise<boolean> {
    return this.crew.hasWrittenSince(time, slots);
  }

  async listen(listener: StormListener): Promise<void> {
    const hearing = new Hearing(listener.name);
    const ear: Ear = { listener, hearing, open: undefined };
    this.#ears.push(ear);
    ear.open = await listener.open(hearing, this);
  }

  /** Plays the steps while the writers write: a little before the first and after the last of them too. */
  async play(steps: readonly Step[], { before = 300, after = 300 } = {}): Promise<void> {
    try {
      await this.crew.start();
      await sleep(before);
      await runSteps(this, steps);
      await sleep(after);
    } finally {
      await this.crew.stop();
    }
  }

  /** Waits for what may still come, closes the listeners and compares. */
  async end(): Promise<readonly StormResult[]> {
    try {
      await this.#settle();
      return this.#ears.map(ear => this.#resultOf(ear));
    } finally {
      await this.close();
    }
  }

  /** Closes the listeners, and ends the writers outside, also when the storm has failed. */
  async close(): Promise<void> {
    this.#witness?.close();
    await Promise.allSettled([this.crew.close(), ...this.#ears.map(async ear => ear.open?.close())]);
  }

  async #settle(): Promise<void> {
    await sleep(Math.max(0, this.ledger.lastDue - Date.now()));
    await Promise.race([Promise.allSettled(this.#ears.map(async ear => ear.open?.fence?.())), sleep(PATIENCE)]);
    const deadline = Date.now() + PATIENCE;
    while (Date.now() < deadline) {
      const heard = this.#heard;
      await sleep(QUIET);
      const isQuiet = heard === this.#heard;
      // Who has no fence is not expected to hear all.
      if (isQuiet && this.#ears.every(ear => !ear.open?.fence || isWhole(this.#judge(ear)))) {
        return;
      }
    }
  }

  get #heard(): number {
    return this.#ears.reduce((sum, { hearing }) => sum + hearing.record.length, 0);
  }

  #judge({ listener, hearing }: Ear): Verdict {
    const { ledger } = this;
    const { doubts, histories } = ledger;
    const wants = listener.wants && listener.wants.bind(listener);
    return check({
      histories,
      doubts,
      heard: hearing.record,
      gaps: hearing.gaps,
      wants,
      witness: this.#witness?.record
    });
  }

  #resultOf(ear: Ear): StormResult {
    const { hearing } = ear;
    const verdict = this.#judge(ear);
    const { gaps } = hearing;
    const { records: steps, outages: cuts } = this.log;
    const outages = measureOutages(cuts, this.ledger.histories, gaps);
    const context = { gaps, steps, outages, witness: this.#witness?.record };
    return { name: hearing.name, verdict, outages, report: formatVerdict(hearing.name, verdict, context) };
  }
}

function isWhole({ summary: { lost, coveredByGap, unclosedGaps } }: Verdict): boolean {
  return lost <= coveredByGap && unclosedGaps === 0;
}

/** What DUMP gives of a string: the same for every key. */
async function dumpOf(cluster: TestCluster): Promise<Buffer> {
  const [primary] = await cluster.primaries();
  const key = await cluster.keyFor(primary, 'dump-for-the-storm');
  await primary.command('SET', key, 'restored');
  const dump = (await primary.rawCommand(0, 'DUMP', key)) as Buffer;
  await primary.command('DEL', key);
  return dump;
}
