import { keyInSlot } from '../cluster/slot-key';
import { ENDLESS, LIVES, type KeyLife, type LifeName, type LifeSource } from './key-life';
import type { Random } from './random';

export interface LifePoolOptions {
  /** Every key starts so. */
  readonly prefix: string;
  /** Of 1, how many keys are in the slots that the scenario moves. */
  readonly focused: number;
  /** Keys of each kind of endless life. */
  readonly endless: number;
  /** How often each kind of life is chosen. */
  readonly weights: Readonly<Record<LifeName, number>>;
}

/** A key under way. */
export interface Life {
  readonly name: LifeName;
  readonly key: string;
  readonly writes: KeyLife;
  isBusy: boolean;
}

/** The keys that are being written, and what will be written to them. */
export class LifePool {
  readonly #source: LifeSource;
  readonly #random: Random;
  readonly #focus: readonly number[];
  readonly #options: LifePoolOptions;
  readonly #endless = new Map<LifeName, Life[]>();
  /** Lives that have begun and will end. */
  readonly #begun: Life[] = [];
  #count = 0;

  constructor(source: LifeSource, focus: readonly number[], options: LifePoolOptions) {
    this.#source = source;
    this.#random = source.random;
    this.#focus = focus;
    this.#options = options;
    for (const name of ENDLESS) {
      const lives = Array.from({ length: options.endless }, () => this.begin(name));
      this.#endless.set(name, lives);
    }
  }

  /** The keys that are counted on now. */
  get counters(): string[] {
    return this.#endless.get('counter')!.map(({ key }) => key);
  }

  /** A life that nobody writes at the moment: a new one, or one that goes on. */
  choose(): Life {
    const begun = this.#begun.find(({ isBusy }) => !isBusy);
    if (begun && this.#random.chance(0.5)) {
      return begun;
    }
    const name = this.#random.weighted(this.#options.weights);
    const lives = this.#endless.get(name);
    if (!lives) {
      const life = this.begin(name);
      if (name === 'expiringField') {
        this.#begun.push(life);
      }
      return life;
    }
    const life = this.#random.pick(lives);
    return life.isBusy ? this.begin('fresh') : life;
  }

  /** A new key, in that slot or in any. */
  begin(name: LifeName, slot?: number): Life {
    const prefix = `${this.#options.prefix}${name}:`;
    const number = this.#count++;
    // Redis >= 8 expires the fields of one slot per tenth of a second: of many slots it would take minutes.
    const isFocused = name === 'expiringField' || this.#random.chance(this.#options.focused);
    const place = slot ?? (isFocused ? this.#random.pick(this.#focus) : undefined);
    const key = place === undefined ? `${prefix}${number}` : `${keyInSlot(place, prefix)}:${number}`;
    return { name, key, writes: LIVES[name](key, this.#source), isBusy: false };
  }

  /** A key that has come to its end is left alone; an endless kind gets another. */
  retire(life: Life): void {
    for (const lives of [this.#begun, this.#endless.get(life.name) ?? []]) {
      const place = lives.indexOf(life);
      if (place !== -1) {
        lives.splice(place, 1, ...(lives === this.#begun ? [] : [this.begin(life.name)]));
      }
    }
  }
}
