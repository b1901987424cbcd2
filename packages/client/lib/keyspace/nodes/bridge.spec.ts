import assert from 'node:assert/strict';
import fc from 'fast-check';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { missedBetween, type Banks } from './bridge';
import type { ReplicationPoint } from './replication-point';

const messageOf = (key: string) =>
  ({ notification: parseNotification(Buffer.from(`__keyspace@0__:${key}`), Buffer.from('set')) }) as unknown as Message;
const keyOf = ({ notification: { source, keyStart, keyEnd } }: Message) => source.toString('utf8', keyStart, keyEnd);
const pointOf = (offset: number, changes: Partial<ReplicationPoint> = {}): ReplicationPoint => ({
  isReplica: false,
  offset,
  promotedAt: 0,
  fullCopies: 0,
  isCounting: true,
  isCopying: false,
  removedKeys: 0,
  removedFields: 0,
  ...changes
});

/**
 * A stream of writes, each of one byte and one notification. The new primary was subscribed after the first
 * `missed`; the demoted node reads `paces[i]` more before its i-th answer, the new primary as many before its own.
 */
function banksOf(writes: readonly string[], missed: number, paces: readonly number[]) {
  const echo: Message[] = [];
  let reached = missed;
  let turn = 0;
  const pace = () => paces[turn++ % paces.length];
  const banks: Banks = {
    echo: {
      messages: echo,
      get length() {
        return echo.length;
      }
    },
    concerns: () => true,
    first: pointOf(missed),
    askDemoted: async onPlace => {
      const end = Math.min(echo.length + pace(), writes.length);
      while (echo.length < end) echo.push(messageOf(writes[echo.length]));
      onPlace();
      return pointOf(echo.length, { isReplica: true });
    },
    heard: async () => {
      reached = Math.min(reached + 1 + pace(), writes.length);
      return { messages: writes.slice(missed, reached).map(messageOf), point: pointOf(reached) };
    },
    isOver: () => turn > 1_000
  };
  return banks;
}

/** A message, as one of several names brings it. */
type Copy = Message & { readonly name: string };

describe('a bridge over a planned failover', () => {
  it('is exactly what was written before the new primary was subscribed, however far both are when asked', async () => {
    const scene = fc.record({
      count: fc.integer({ min: 0, max: 30 }),
      missed: fc.nat(30),
      paces: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 6 }).filter(list => list.some(Boolean))
    });
    await fc.assert(
      fc.asyncProperty(scene, async ({ count, missed, paces }) => {
        const writes = Array.from({ length: count }, (_, index) => `k${index}`);
        const expected = writes.slice(0, missed);
        const found = await missedBetween(banksOf(writes, Math.min(missed, count), paces));
        assert.deepEqual(found?.map(keyOf), expected);
      }),
      { numRuns: 150 }
    );
  });

  it('is what some names have missed of a write between two commands that subscribe', async () => {
    const wants = { exact: {}, pattern: {}, event: {} };
    const copies = (key: string) =>
      Object.entries(wants).map(([name, want]) => ({ ...messageOf(key), name, want }) as unknown as Copy);
    const said = ['a', 'b', 'c'].flatMap(copies);
    const messages = said.filter(({ name }, index) => index >= 6 || (index >= 3 && name === 'exact'));
    const banks: Banks = {
      echo: { messages: said, length: said.length },
      concerns: () => true,
      first: pointOf(2),
      askDemoted: async onPlace => {
        onPlace();
        return pointOf(3, { isReplica: true });
      },
      heard: async () => ({ messages, point: pointOf(3) }),
      isOver: () => false
    };
    const found = (await missedBetween(banks)) as Copy[] | undefined;
    assert.deepEqual(
      found?.map(message => `${keyOf(message)} ${message.name}`),
      ['a exact', 'a pattern', 'a event', 'b pattern', 'b event']
    );
  });

  it('leaves out what does not concern the new primary, wherever that stands', async () => {
    const [own, other, live] = ['own', 'other', 'live'].map(messageOf);
    const echo = [other, own, other, live, other];
    const banks: Banks = {
      echo: { messages: echo, length: echo.length },
      concerns: message => message !== other,
      first: pointOf(1),
      askDemoted: async onPlace => {
        onPlace();
        return pointOf(2, { isReplica: true });
      },
      heard: async () => ({ messages: [other, live], point: pointOf(2) }),
      isOver: () => false
    };
    assert.deepEqual(await missedBetween(banks), [own]);
  });

  it('asks until more has been heard when the same key could end it at several places', async () => {
    const found = await missedBetween(banksOf(['c', 'c', 'c', 'c', 'x'], 2, [3, 2, 2]));
    assert.deepEqual(found?.map(keyOf), ['c', 'c']);
  });

  it('cannot be known when a node copies all data, or somebody did', async () => {
    const copying = banksOf(['a', 'b'], 1, [1]);
    assert.equal(
      await missedBetween({ ...copying, askDemoted: async () => pointOf(1, { isCopying: true }) }),
      undefined
    );
    const copied = banksOf(['a', 'b'], 1, [1]);
    const heard = async () => ({ messages: [], point: pointOf(2, { fullCopies: 1 }) });
    assert.equal(await missedBetween({ ...copied, heard }), undefined);
  });

  it('is given up when nobody waits any more', async () => {
    const banks = banksOf(['a', 'b'], 1, [1]);
    assert.equal(await missedBetween({ ...banks, isOver: () => true }), undefined);
    let asked = 0;
    const stuck = { ...banks, askDemoted: async () => pointOf(0), isOver: () => ++asked > 3 };
    assert.equal(await missedBetween(stuck), undefined);
  });

  for (const [name, heard] of [
    ['expired', false],
    ['e*', false],
    ['*', true]
  ] as const) {
    it(`is found though the demoted node calls it otherwise, to whom __keyevent@0__:${name} is subscribed`, async () => {
      const said = (text: string, event: string): Message => {
        const channel = Buffer.from(`__keyevent@0__:${event}`);
        const want = { bytes: Buffer.from(`__keyevent@0__:${text}`), pattern: text.includes('*') };
        return { want, channel, notification: parseNotification(channel, Buffer.from('k')) } as unknown as Message;
      };
      const all = { ...said('*', 'set'), want: {} } as unknown as Message;
      const missed = { ...all };
      const live = said(name, 'expired');
      const echo = [missed, all, ...(heard ? [{ ...live, ...said(name, 'del'), want: live.want }] : [])];
      const banks: Banks = {
        echo: { messages: echo, length: echo.length },
        concerns: () => true,
        first: pointOf(1),
        askDemoted: async onPlace => {
          onPlace();
          return pointOf(3, { isReplica: true });
        },
        heard: async () => ({ messages: [all, live], point: pointOf(3) }),
        isOver: () => false
      };
      assert.deepEqual(await missedBetween(banks), [missed]);
    });
  }
});
