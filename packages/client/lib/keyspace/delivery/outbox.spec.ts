import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import sinon from 'sinon';
import type { KeyspaceGap } from './gap';
import type { KeyNotification } from './key-notification';
import { Outbox } from './outbox';
import type { OverflowPolicy } from './queue';

const notification = (key: string): KeyNotification => ({
  kind: 'keyspace',
  event: 'set',
  key,
  database: 0,
  subkeys: [],
  node: 'h:1'
});

interface Draft {
  readonly listener?: (heard: KeyNotification, channel: string) => unknown;
  readonly highWaterMark?: number;
  readonly overflow?: OverflowPolicy;
  readonly started?: boolean;
}

/** An outbox and what came out of it. */
function make({ listener, highWaterMark = 16, overflow = 'drop-oldest', started = true }: Draft) {
  const errors: unknown[] = [];
  const log: string[] = [];
  const gaps: KeyspaceGap[] = [];
  const givenUp: string[] = [];
  const outbox = new Outbox(
    {
      interest: { kind: 'keyspace' },
      listener,
      highWaterMark,
      overflow,
      bufferMode: false
    } as ConstructorParameters<typeof Outbox>[0],
    error => errors.push(error),
    {
      givenUp: node => givenUp.push(node),
      gap: gap => {
        gaps.push(gap);
        log.push('gap');
      },
      recovered: gap => {
        gaps.push(gap);
        log.push('recovered');
      },
      overflown: () => {
        log.push('overflown');
        outbox.end();
      }
    }
  );
  const put = (...keys: string[]) => keys.forEach(key => outbox.put(notification(key), `channel of ${key}`));
  if (started) outbox.start();
  return { outbox, put, errors, log, gaps, givenUp };
}

/** A listener that is busy until it is told to go on. */
function busy() {
  const heard: string[] = [];
  const waiting: (() => void)[] = [];
  const listener = ({ key }: KeyNotification) => {
    heard.push(key);
    return new Promise<void>(resolve => waiting.push(resolve));
  };
  const next = async () => {
    waiting.shift()?.();
    await turn();
  };
  return { heard, listener, next };
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  void promise.then(() => (done = true));
  await turn();
  return done;
}

describe('outbox with a listener', () => {
  it('hands over at once, with the channel, in order', () => {
    const heard: string[] = [];
    const { put, outbox } = make({ listener: ({ key }, channel) => heard.push(`${key} by ${channel}`) });
    put('a', 'b');
    assert.deepEqual(heard, ['a by channel of a', 'b by channel of b']);
    assert.equal(outbox.size, 0);
  });

  it('holds everything until it is started, and hands it over first', () => {
    const heard: string[] = [];
    const { put, outbox } = make({ listener: ({ key }) => heard.push(key), started: false });
    put('a', 'b');
    assert.deepEqual(heard, []);
    outbox.start();
    put('c');
    assert.deepEqual(heard, ['a', 'b', 'c']);
  });

  it('calls an asynchronous listener for one after the other', async () => {
    const { heard, listener, next } = busy();
    const { put, outbox } = make({ listener });
    put('a', 'b', 'c');
    assert.deepEqual([heard, outbox.size], [['a'], 2]);
    await next();
    assert.deepEqual(heard, ['a', 'b']);
    await next();
    await next();
    put('d');
    assert.deepEqual(heard, ['a', 'b', 'c', 'd']);
  });

  it('reports what a listener throws or rejects with, and goes on', async () => {
    const heard: string[] = [];
    const { put, errors } = make({
      listener: ({ key }) => {
        heard.push(key);
        if (key === 'throws') throw new Error('thrown');
        if (key === 'rejects') return Promise.reject(new Error('rejected'));
        if (key === 'trap') return Object.defineProperty({}, 'then', { get: () => assert.fail('trapped') });
        return undefined;
      }
    });
    put('throws', 'trap', 'rejects', 'last');
    await turn();
    assert.deepEqual(heard, ['throws', 'trap', 'rejects', 'last']);
    assert.deepEqual(
      errors.map(error => (error as Error).message),
      ['thrown', 'trapped', 'rejected']
    );
  });

  it('is fenced when what was held before the fence has been handed over, and not before', async () => {
    const { listener, next } = busy();
    const { put, outbox } = make({ listener });
    await outbox.handedOver();
    put('a', 'b', 'c');
    const fence = outbox.handedOver();
    put('d');
    await next();
    assert.equal(await settled(fence), false);
    await next();
    assert.equal(await settled(fence), true);
    assert.equal(outbox.size, 1);
  });

  const OVERFLOWS: readonly [overflow: OverflowPolicy, later: readonly string[], handed: readonly string[]][] = [
    ['drop-newest', ['x', 'y', 'z'], ['busy', 'a', 'b']],
    ['drop-oldest', ['x'], ['busy', 'b']],
    ['coalesce', ['a', 'a', 'a'], ['busy', 'b']]
  ];
  for (const [overflow, later, handed] of OVERFLOWS) {
    it(`is not fenced too early by what ${overflow} gives up`, async () => {
      const { heard, listener, next } = busy();
      const { put, outbox } = make({ listener, highWaterMark: 2, overflow });
      put('busy', 'a', 'b');
      const fence = outbox.handedOver();
      put(...later);
      for (let turns = 1; turns < handed.length; turns++) {
        assert.equal(await settled(fence), false);
        await next();
      }
      assert.equal(await settled(fence), true);
      assert.deepEqual(heard, handed);
    });
  }

  it('is fenced when the last that was held before is given up', async () => {
    const { listener } = busy();
    const { put, outbox } = make({ listener, highWaterMark: 1 });
    put('busy', 'a');
    const fence = outbox.handedOver();
    put('b');
    assert.equal(await settled(fence), true);
  });

  it('hands over nothing after its end, and lets the fences go', async () => {
    const { heard, listener, next } = busy();
    const { put, outbox } = make({ listener });
    put('a', 'b');
    const fence = outbox.handedOver();
    outbox.end();
    outbox.end();
    put('c');
    await next();
    await fence;
    assert.deepEqual([heard, outbox.size], [['a'], 0]);
  });
});

describe('outbox that overflows', () => {
  it('tells one gap, counts all that is given up, and tells the end of it at half the mark', async () => {
    const { heard, listener, next } = busy();
    const { put, outbox, gaps, log, givenUp } = make({ listener, highWaterMark: 4 });
    put('busy', 'a', 'b', 'c', 'd', 'e', 'f');
    assert.deepEqual(log, ['gap']);
    assert.deepEqual(
      [gaps[0].reason, gaps[0].node, gaps[0].slots, gaps[0].dropped, gaps[0].until],
      ['overflow', 'h:1', [], 1, undefined]
    );
    await next();
    assert.equal(log.length, 1);
    await next();
    assert.deepEqual(log, ['gap', 'recovered']);
    assert.deepEqual([gaps[1].dropped, gaps[1].since, outbox.dropped], [2, gaps[0].since, 2]);
    assert.deepEqual(givenUp, ['h:1', 'h:1']);
    assert.ok(gaps[1].until! >= gaps[1].since);
    assert.deepEqual(heard, ['busy', 'c', 'd']);
  });

  it('counts each gap by itself, and all together', async () => {
    const { listener, next } = busy();
    const { put, outbox, gaps } = make({ listener, highWaterMark: 1, overflow: 'drop-newest' });
    put('busy', 'a', 'b', 'c');
    await next();
    put('d', 'e');
    await next();
    assert.deepEqual(
      gaps.map(({ dropped }) => dropped),
      [1, 2, 1, 1]
    );
    assert.equal(outbox.dropped, 3);
  });

  it('ends, with end, after the gap; a listener hears nothing more', async () => {
    const { heard, listener, next } = busy();
    const { put, log } = make({ listener, highWaterMark: 1, overflow: 'end' });
    put('busy', 'a', 'b', 'c');
    await next();
    assert.deepEqual([log, heard], [['gap', 'overflown', 'gap'], ['busy']]);
  });

  it('ends, with end, but an iterator reads what is held', async () => {
    const { put, outbox, log } = make({ highWaterMark: 2, overflow: 'end' });
    put('a', 'b', 'c', 'd');
    assert.deepEqual(
      (await outbox.take(9))!.map(({ key }) => key),
      ['a', 'b']
    );
    assert.equal(await outbox.take(9), undefined);
    assert.deepEqual(log, ['gap', 'overflown']);
  });

  it('coalesces by key and database, whatever the key is', () => {
    const { outbox } = make({ highWaterMark: 2, overflow: 'coalesce' });
    const put = (key: string | Buffer, database: number) => outbox.put({ ...notification(''), key, database }, '');
    put(Buffer.from('a'), 0);
    put('a', 1);
    put(Buffer.from('a'), 0);
    assert.deepEqual([outbox.size, outbox.dropped], [2, 1]);
  });
});

describe('outbox without a listener', () => {
  it('gives what is held, at most so many', async () => {
    const { put, outbox } = make({});
    put('a', 'b', 'c');
    assert.deepEqual(
      (await outbox.take(2))!.map(({ key }) => key),
      ['a', 'b']
    );
    assert.deepEqual(
      (await outbox.take(2))!.map(({ key }) => key),
      ['c']
    );
  });

  it('lets a reader wait, and several share what comes', async () => {
    const { put, outbox } = make({});
    const readers = [outbox.take(1), outbox.take(1)];
    put('a');
    put('b');
    assert.deepEqual(
      (await Promise.all(readers)).map(batch => batch![0].key),
      ['a', 'b']
    );
  });

  it('does not lose a reader that was overtaken by another', async () => {
    const { put, outbox } = make({});
    const first = outbox.take(1);
    put('a');
    const second = outbox.take(1);
    put('b');
    assert.deepEqual((await Promise.all([first, second])).map(batch => batch![0].key).sort(), ['a', 'b']);
  });

  it('has handed over when it is in the queue', async () => {
    const { put, outbox } = make({});
    put('a');
    await outbox.handedOver();
  });

  it('ends the readers that wait, and takes nothing any more', async () => {
    const { put, outbox, gaps } = make({});
    const reader = outbox.take(1);
    outbox.end();
    assert.equal(await reader, undefined);
    put('b');
    assert.deepEqual([outbox.size, gaps], [0, []]);
  });

  it('tells how many are given up when it ends, and since when the first of them waited', async () => {
    const clock = sinon.useFakeTimers({ now: 1_000, toFake: ['Date'] });
    try {
      const { put, outbox, gaps } = make({});
      put('read');
      await outbox.take(1);
      clock.tick(500);
      put('a');
      clock.tick(500);
      put('b');
      outbox.end();
      assert.equal(await outbox.take(1), undefined);
      const gap = { reason: 'closed', node: 'h:1', slots: [], since: new Date(1_500), until: undefined, dropped: 2 };
      assert.deepEqual(gaps, [gap]);
    } finally {
      clock.restore();
    }
  });
});
