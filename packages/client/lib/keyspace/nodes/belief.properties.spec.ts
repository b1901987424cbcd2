import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { OwnView } from '../plan/own-view';
import type { SlotRanges } from '../plan/slot-ranges';
import { Belief } from './belief';

const SLOTS = [1, 2, 3];

type Outcome = 'own' | 'import' | 'hide' | 'echo';

/** Why a node speaks for a slot: it owns it, or imports it by the classic way. */
interface Right {
  isOwner: boolean;
  /** An answer that counts has shown it, and the owner. */
  seen: boolean;
  seenAsOwner: boolean;
  /** It began with an atomic import, or the node was demoted before it was decided. */
  isBlurred: boolean;
}

interface Said {
  readonly id: number;
  readonly slot: number;
  readonly right: Right | undefined;
  readonly truth: Outcome;
  /** An answer had shown the owner before. */
  readonly wasSeen: boolean;
  /** The node had been promoted without a mark, and no answer had shown it. */
  readonly isUnannounced: boolean;
  /** It is uncertain, and nobody has said what it is. */
  isUntold: boolean;
}

interface Answer {
  readonly view: OwnView;
  readonly rights: readonly { readonly right: Right; readonly isOwner: boolean }[];
  readonly time: number;
}

interface Question {
  readonly time: number;
  readonly isWhole: boolean;
  answer?: Answer;
  isPassed?: boolean;
}

/**
 * A node that knows of each message with what right it says it. Whatever one answer could not tell apart it does
 * not do: after a change of its role, and after what is neither marked nor said, an answer comes before the next.
 */
class World {
  readonly said: Said[] = [];
  readonly decided: { readonly id: number; readonly outcome: Outcome }[] = [];
  readonly #belief: Belief<Said>;
  #isPrimary: boolean;
  readonly #rights = new Map<number, Right>();
  /** Slots that come in by the atomic way. */
  readonly #atomic = new Set<number>();
  /** Those that have ended, and when, since the last answer that counts. */
  readonly #ended = new Map<number, number>();
  readonly #questions: Question[] = [];
  readonly #gained: (readonly number[])[] = [];
  #wasPrimary = true;
  #isUnannounced = false;
  /** Slots of which something has ended without a mark, and when; no answer has shown it. */
  readonly #silent = new Map<number, number>();
  #time = 0;
  #markedAt = 0;
  /** As `Voice` has it: what is asked while a question is under way its answer has to bring up again. */
  #isAsking = false;
  #isWanted = false;

  constructor(isPrimary: boolean) {
    this.#isPrimary = isPrimary;
    const decide = (outcome: Outcome) => (message: Said) => void this.decided.push({ id: message.id, outcome });
    this.#belief = new Belief<Said>({
      believe: (message, owned) => decide(owned ? 'own' : 'import')(message),
      hide: decide('hide'),
      echo: decide('echo'),
      ask: () => {
        if (!this.#isAsking) this.#isAsking = this.#isWanted = true;
      },
      gained: slots => this.#gained.push(slots),
      lost: () => {},
      doubted: () => {},
      demoted: () => {}
    });
    // Before anything is subscribed.
    this.look();
    this.own();
  }

  say(slot: number): void {
    const right = this.#rights.get(slot);
    if (this.#isPrimary && !right && !this.#atomic.has(slot)) return;
    const message: Said = {
      id: this.said.length,
      slot,
      right,
      truth: !this.#isPrimary ? 'echo' : !right ? 'hide' : right.isOwner ? 'own' : 'import',
      wasSeen: right?.seenAsOwner === true,
      isUnannounced: this.#isUnannounced,
      isUntold: false
    };
    this.said.push(message);
    this.#belief.said(slot, message);
  }

  gain(slot: number): void {
    const right = this.#rights.get(slot);
    if (!this.#isSteady(slot) || right?.isOwner) return;
    this.#endImport(slot);
    if (right) right.isOwner = true;
    else this.#rights.set(slot, makeRight(true, this.#ended.has(slot)));
  }

  lose(slot: number, isWatched: boolean): void {
    const right = this.#rights.get(slot);
    if (!right?.isOwner) return;
    this.#rights.delete(slot);
    if (isWatched && right.seenAsOwner) this.#mark(slot);
    else this.#silent.set(slot, ++this.#time);
  }

  import(slot: number, isAtomic: boolean): void {
    if (!this.#isSteady(slot) || this.#rights.has(slot) || this.#atomic.has(slot)) return;
    if (isAtomic) this.#atomic.add(slot);
    else this.#rights.set(slot, makeRight(false, this.#ended.has(slot)));
  }

  cancel(slot: number): void {
    if (!this.#endImport(slot) && this.#rights.get(slot)?.isOwner !== false) return;
    this.#rights.delete(slot);
    this.#silent.set(slot, ++this.#time);
  }

  demote(watched: readonly number[]): void {
    const marks = watched.filter(slot => this.#rights.get(slot)?.seenAsOwner);
    if (!marks.length || !this.#isRoleSeen) return;
    this.#isPrimary = false;
    for (const { right } of this.#belief.held) if (right) right.isBlurred = true;
    this.#rights.clear();
    for (const slot of this.#atomic) this.#endImport(slot);
    for (const slot of marks) this.#mark(slot);
  }

  promote(slots: readonly number[], isMarked: boolean): void {
    if (this.#isPrimary || !this.#isRoleSeen) return;
    this.#isPrimary = true;
    this.#isUnannounced = !isMarked;
    for (const slot of slots) {
      this.#rights.set(slot, makeRight(true, this.#ended.has(slot)));
      if (isMarked) this.#mark(slot);
    }
  }

  /** @param isWhole whether it is asked for atomic imports as well. */
  ask(isWhole: boolean): void {
    this.#isWanted &&= !isWhole;
    this.#questions.push({ time: ++this.#time, isWhole });
    this.#belief.asked();
  }

  answer(): void {
    const question = this.#questions.find(({ answer }) => !answer);
    if (!question) return;
    const slotsOf = (asOwner: boolean) => SLOTS.filter(slot => this.#rights.get(slot)?.isOwner === asOwner);
    const view: OwnView = {
      id: 'n',
      isPrimary: this.#isPrimary,
      primaryId: this.#isPrimary ? undefined : 'p',
      slots: rangesOf(slotsOf(true)),
      importing: new Set(slotsOf(false)),
      atomic: question.isWhole
        ? rangesOf(SLOTS.filter(slot => this.#atomic.has(slot) || this.#ended.has(slot)))
        : undefined
    };
    question.answer = {
      view,
      rights: [...this.#rights.values()].map(right => ({ right, isOwner: right.isOwner })),
      time: ++this.#time
    };
  }

  pass(): void {
    const question = this.#questions.find(({ answer, isPassed }) => answer && !isPassed);
    if (!question) return;
    question.isPassed = true;
    this.#belief.answered();
  }

  tell(isReadable: boolean): void {
    const [question] = this.#questions;
    if (!question?.isPassed) return;
    this.#questions.shift();
    this.#isAsking = false;
    const counts = isReadable && question.time > this.#markedAt;
    if (counts) this.#see(question.answer!);
    this.#belief.view(isReadable ? question.answer!.view : undefined);
    if (counts) this.#forget(question);
    for (const { messages } of this.#belief.uncertain(SLOTS).values()) {
      for (const message of messages) message.isUntold = true;
    }
  }

  look(): void {
    this.ask(true);
    this.answer();
    this.pass();
    this.tell(true);
  }

  own(): void {
    const slots = this.#gained.shift();
    if (!slots) return;
    const uncertain = [...this.#belief.uncertain(slots).values()].flatMap(({ messages }) => messages);
    for (const message of uncertain) message.isUntold = false;
    this.#belief.own(slots, new Set(uncertain.filter(({ truth }) => truth === 'hide')));
  }

  /** The node has nothing more to say: only what is asked for goes on. */
  settle(): void {
    for (let round = 0; round < 10; round++) {
      if (this.#isWanted) this.ask(true);
      while (this.#questions.length) {
        this.answer();
        this.pass();
        this.tell(true);
      }
      while (this.#gained.length) this.own();
    }
  }

  /** @returns how many are forgotten undecided. */
  close(): number {
    const before = this.decided.length + this.#belief.held.length;
    this.#belief.close();
    return before - this.decided.length;
  }

  get #isRoleSeen(): boolean {
    return this.#wasPrimary === this.#isPrimary;
  }

  #isSteady(slot: number): boolean {
    return this.#isPrimary && this.#isRoleSeen && !this.#silent.has(slot);
  }

  #mark(slot: number): void {
    this.#markedAt = ++this.#time;
    this.#belief.mark([slot]);
  }

  #see({ view, rights }: Answer): void {
    this.#wasPrimary = view.isPrimary;
    if (view.isPrimary) this.#isUnannounced = false;
    for (const { right, isOwner } of rights) {
      right.seen = true;
      right.seenAsOwner ||= isOwner;
    }
  }

  /** What has ended before that answer is known to have ended, when nothing of it is held any more. */
  #forget({ isWhole, answer }: Question): void {
    const held = new Set(this.#belief.held.map(({ slot }) => slot));
    for (const ends of isWhole ? [this.#silent, this.#ended] : []) {
      for (const [slot, time] of ends) if (time < answer!.time && !held.has(slot)) ends.delete(slot);
    }
  }

  #endImport(slot: number): boolean {
    const wasImported = this.#atomic.delete(slot);
    if (wasImported) this.#ended.set(slot, ++this.#time);
    return wasImported;
  }
}

function rangesOf(slots: readonly number[]): SlotRanges {
  return slots.map(slot => [slot, slot]);
}

function makeRight(isOwner: boolean, isBlurred: boolean): Right {
  return { isOwner, seen: false, seenAsOwner: false, isBlurred };
}

/** What may become of a message: the truth, and what nobody could tell from it. */
function outcomesOf({ truth, right, wasSeen, isUnannounced, isUntold }: Said): ReadonlySet<Outcome> {
  const outcomes = new Set([truth]);
  // Said before the slot changed hands, or after it?
  if (truth === 'own' && !wasSeen) outcomes.add('import');
  // It began and ended between two answers.
  if (right?.isBlurred && !right.seen) outcomes.add('hide');
  if (isUntold) outcomes.add('hide').add('import');
  if (isUnannounced) outcomes.add('echo');
  return outcomes;
}

interface Step {
  readonly weight: number;
  run(world: World, slots: readonly number[], luck: number): void;
}

const STEPS = {
  say: { weight: 12, run: (world, [slot]) => world.say(slot) },
  gain: { weight: 2, run: (world, slots) => slots.forEach(slot => world.gain(slot)) },
  lose: { weight: 2, run: (world, slots, luck) => slots.forEach(slot => world.lose(slot, luck % 2 > 0)) },
  import: { weight: 4, run: (world, slots, luck) => slots.forEach(slot => world.import(slot, luck % 2 > 0)) },
  cancel: { weight: 1, run: (world, slots) => slots.forEach(slot => world.cancel(slot)) },
  demote: { weight: 1, run: (world, slots) => world.demote(slots) },
  promote: { weight: 1, run: (world, slots, luck) => world.promote(slots, luck % 2 > 0) },
  ask: { weight: 3, run: (world, _, luck) => world.ask(luck > 2) },
  answer: { weight: 3, run: world => world.answer() },
  pass: { weight: 3, run: world => world.pass() },
  tell: { weight: 4, run: (world, _, luck) => world.tell(luck > 0) },
  look: { weight: 2, run: world => world.look() },
  own: { weight: 3, run: world => world.own() }
} satisfies Readonly<Record<string, Step>>;

const NAMES = Object.keys(STEPS) as (keyof typeof STEPS)[];
const step = fc.record({
  name: fc.oneof(...NAMES.map(name => ({ weight: STEPS[name].weight, arbitrary: fc.constant(name) }))),
  slots: fc.shuffledSubarray(SLOTS, { minLength: 1 }),
  luck: fc.nat({ max: 9 })
});

function assertDecided({ said, decided }: World, forgotten = 0): void {
  const inOrder = (ids: readonly number[]) => [...ids].sort((a, b) => a - b);
  const ids = decided.map(({ id }) => id);
  assert.equal(new Set(ids).size, ids.length, 'each once');
  assert.equal(ids.length, said.length - forgotten, 'all');
  for (const slot of SLOTS) {
    const ofSlot = ids.filter(id => said[id].slot === slot);
    assert.deepEqual(ofSlot, inOrder(ofSlot), `slot ${slot} in order`);
  }
  for (const { id, outcome } of decided) {
    const outcomes = outcomesOf(said[id]);
    assert.ok(outcomes.has(outcome), `message ${id} is ${[...outcomes].join(' or ')}, not ${outcome}`);
  }
}

describe('what is believed of a node, whatever happens to it and whenever it answers', () => {
  it('is all that it says with right and nothing else, once, in order for each slot', () => {
    const steps = fc.array(step, { maxLength: 60, size: 'max' });
    fc.assert(
      fc.property(fc.boolean(), steps, (isPrimary, all) => {
        const world = new World(isPrimary);
        for (const { name, slots, luck } of all) STEPS[name].run(world, slots, luck);
        world.settle();
        assertDecided(world);
      }),
      { numRuns: 3_000 }
    );
  });

  it('is right of whatever is decided when its connection ends, at any moment, and the rest is known to be forgotten', () => {
    const steps = fc.array(step, { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(fc.boolean(), steps, (isPrimary, all) => {
        const world = new World(isPrimary);
        for (const { name, slots, luck } of all) STEPS[name].run(world, slots, luck);
        assertDecided(world, world.close());
      }),
      { numRuns: 3_000 }
    );
  });
});
