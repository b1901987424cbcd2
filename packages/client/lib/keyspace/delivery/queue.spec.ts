import assert from 'node:assert/strict';
import fc from 'fast-check';
import { BoundedQueue, OVERFLOW_POLICIES, type OverflowPolicy } from './queue';

interface Item {
  readonly key: string;
  readonly form: number;
}

const make = (limit: number, policy: OverflowPolicy) => new BoundedQueue<Item>(limit, policy, ({ key }) => key);
const item = (text: string): Item => ({ key: text[0], form: Number(text.slice(1)) });
const write = ({ key, form }: Item) => `${key}${form}`;

function drain(queue: BoundedQueue<Item>): string[] {
  const items: string[] = [];
  for (let next = queue.shift(); next; next = queue.shift()) items.push(write(next));
  return items;
}

describe('bounded queue', () => {
  const CASES: readonly [policy: OverflowPolicy, pushed: string, held: string, dropped: readonly number[]][] = [
    ['drop-oldest', 'a1 b1 c1 d1 e1', 'c1 d1 e1', [0, 0, 0, 1, 1]],
    ['drop-newest', 'a1 b1 c1 d1 e1', 'a1 b1 c1', [0, 0, 0, 1, 1]],
    ['end', 'a1 b1 c1 d1 e1', 'a1 b1 c1', [0, 0, 0, 1, 1]],
    ['coalesce', 'a1 a2 b1 a3', 'b1 a3', [0, 0, 0, 2]],
    ['coalesce', 'a1 b1 c1 b2 a2', 'c1 b2 a2', [0, 0, 0, 1, 1]],
    ['coalesce', 'a1 b1 c1 d1 c2', 'b1 d1 c2', [0, 0, 0, 1, 1]]
  ];
  for (const [policy, pushed, held, dropped] of CASES) {
    it(`of 3 with ${policy} holds ${held} of ${pushed}`, () => {
      const queue = make(3, policy);
      assert.deepEqual(
        pushed.split(' ').map(text => queue.push(item(text))),
        dropped
      );
      assert.equal(queue.size, held.split(' ').length);
      assert.deepEqual(drain(queue), held.split(' '));
    });
  }

  it('tells each item that it gives up', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...OVERFLOW_POLICIES),
        fc.integer({ min: 1, max: 5 }),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'shift'), { maxLength: 60 }),
        (policy, limit, steps) => {
          const given: Item[] = [];
          const queue = new BoundedQueue<Item>(
            limit,
            policy,
            ({ key }) => key,
            one => given.push(one)
          );
          const pushed: Item[] = [];
          const taken: Item[] = [];
          let dropped = 0;
          for (const [form, key] of steps.entries()) {
            if (key === 'shift') taken.push(...[queue.shift() ?? []].flat());
            else dropped += queue.push(pushed[pushed.push({ key, form }) - 1]);
          }
          assert.equal(given.length, dropped);
          for (let next = queue.shift(); next; next = queue.shift()) taken.push(next);
          assert.deepEqual(new Set([...given, ...taken]), new Set(pushed));
          assert.equal(given.length + taken.length, pushed.length);
        }
      )
    );
  });

  it('gives nothing when it is empty, and forgets all when it is cleared', () => {
    for (const policy of OVERFLOW_POLICIES) {
      const queue = make(2, policy);
      assert.equal(queue.shift(), undefined);
      assert.equal(queue.peek(), undefined);
      for (const text of ['a1', 'b1', 'b2']) queue.push(item(text));
      queue.clear();
      assert.deepEqual([queue.size, queue.isFull, queue.peek(), queue.shift()], [0, false, undefined, undefined]);
      assert.equal(queue.push(item('c1')), 0);
      assert.deepEqual(drain(queue), ['c1']);
    }
  });

  it('says beforehand what it will give', () => {
    const queue = make(3, 'coalesce');
    for (const text of ['a1', 'b1', 'c1', 'a2']) queue.push(item(text));
    for (const expected of ['b1', 'c1', 'a2']) {
      assert.equal(write(queue.peek()!), expected);
      assert.equal(write(queue.shift()!), expected);
    }
  });

  it('keeps every form again once half of what was coalesced has gone', () => {
    const queue = make(4, 'coalesce');
    for (const text of ['a1', 'b1', 'c1', 'd1', 'd2']) queue.push(item(text));
    queue.shift();
    queue.shift();
    assert.equal(queue.push(item('d3')), 0);
    assert.deepEqual(drain(queue), ['c1', 'd2', 'd3']);
  });

  /** What each policy means, without a thought of speed. */
  class Model {
    items: Item[] = [];
    coalescing = false;

    constructor(
      readonly limit: number,
      readonly policy: OverflowPolicy
    ) {}

    push(next: Item): number {
      const before = this.items.length;
      if (!this.coalescing && before < this.limit) {
        this.items.push(next);
        return 0;
      }
      if (this.policy === 'drop-newest' || this.policy === 'end') return 1;
      if (this.policy === 'drop-oldest') {
        this.items = [...this.items.slice(1), next];
        return 1;
      }
      this.coalescing = true;
      this.items = this.items.filter(({ key }, index) => !this.items.slice(index + 1).some(later => later.key === key));
      const others = this.items.filter(({ key }) => key !== next.key);
      if (others.length === this.items.length && others.length >= this.limit) {
        others.shift();
        this.coalescing = others.length > this.limit / 2;
      }
      this.items = [...others, next];
      return before + 1 - this.items.length;
    }

    shift(): Item | undefined {
      const next = this.items.shift();
      if (this.items.length <= this.limit / 2) this.coalescing = false;
      return next;
    }
  }

  const operation = fc.oneof(
    { weight: 3, arbitrary: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f') },
    { weight: 1, arbitrary: fc.constant(undefined) }
  );
  const policies = fc.constantFrom(...OVERFLOW_POLICIES);

  it('holds, gives and counts as its policy says, and is never over its limit', () => {
    fc.assert(
      fc.property(
        policies,
        fc.integer({ min: 1, max: 6 }),
        fc.array(operation, { maxLength: 200, size: 'max' }),
        (policy, limit, operations) => {
          const queue = make(limit, policy);
          const model = new Model(limit, policy);
          operations.forEach((key, form) => {
            if (key === undefined) assert.deepEqual(queue.shift(), model.shift());
            else assert.equal(queue.push({ key, form }), model.push({ key, form }));
            assert.equal(queue.size, model.items.length);
            assert.ok(queue.size <= limit);
          });
          assert.deepEqual(drain(queue), model.items.map(write));
        }
      ),
      { numRuns: 300 }
    );
  });

  it('that coalesces gives every key in its last form as long as the keys fit, and counts the others', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 12 }),
        fc.array(operation, { maxLength: 300, size: 'max' }),
        (limit, operations) => {
          const queue = make(limit, 'coalesce');
          const last = new Map<string, number>();
          const given = new Map<string, number>();
          let missing = 0;
          operations.forEach((key, form) => {
            if (key !== undefined) {
              last.set(key, form);
              missing += 1 - queue.push({ key, form });
              return;
            }
            const next = queue.shift();
            if (next) {
              given.set(next.key, next.form);
              missing--;
            }
          });
          for (let next = queue.shift(); next; next = queue.shift(), missing--) given.set(next.key, next.form);
          assert.deepEqual(new Map([...given].sort()), new Map([...last].sort()));
          assert.equal(missing, 0);
        }
      ),
      { numRuns: 200 }
    );
  });

  it('does not grow while much more goes through it than it may hold', () => {
    for (const policy of ['drop-oldest', 'coalesce'] as const) {
      const queue = make(100, policy);
      for (let form = 0; form < 20_000; form++) queue.push({ key: `${form % 150}`, form });
      assert.equal(queue.size, 100);
      assert.equal(queue.shift()!.form, 19_900);
      for (let form = 20_000; form < 25_000; form++) {
        queue.push({ key: `${form % 150}`, form });
        queue.shift();
      }
      assert.ok(drain(queue).at(-1)!.endsWith('24999'));
    }
  });
});
