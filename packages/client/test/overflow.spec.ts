import assert from 'node:assert/strict';
import { matrix, waitFor } from '@redis-keyspace/test-utils';
import type { SubscribeOptions } from '../index';
import { Recorder } from './recorder';
import { StandaloneSuite } from './standalone-suite';

const keys = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => `full:${from + index}`);

matrix('a listener that is too slow', binary => {
  const suite = new StandaloneSuite(binary);

  /** A listener that takes the first notification and holds on to it until it is let go. */
  async function subscribeSlowly(options: SubscribeOptions<false>) {
    const client = await suite.connect();
    const recorder = new Recorder();
    const fast = new Recorder();
    let letGo = () => {};
    const held = new Promise<void>(resolve => (letGo = resolve));
    const subscription = recorder.follow(
      await client.subscribeKeyspace(
        'full:*',
        notification => {
          recorder.listen(notification);
          return held;
        },
        options
      )
    );
    await client.subscribeKeyspace('full:*', fast.listen, options);
    /** Resolves when everything has been delivered to the queue of the slow one. */
    const write = async (...written: string[]) => {
      fast.clear();
      await suite.write(...written);
      await waitFor('all to be heard', () => fast.heard.length === written.length);
    };
    return { client, recorder, fast, subscription, letGo, write };
  }

  const heard = ({ heard }: Recorder) => heard.map(({ key }) => key);
  const cases = [
    ['drop-oldest', ['full:1', ...keys(6, 15)]],
    ['drop-newest', ['full:1', ...keys(2, 11)]]
  ] as const;

  for (const [overflow, expected] of cases) {
    it(`loses with ${overflow} what is too much, and is told how many`, async () => {
      const { recorder, subscription, letGo, write } = await subscribeSlowly({ highWaterMark: 10, overflow });
      await write(...keys(1, 15));
      assert.deepEqual(
        recorder.gaps.map(({ reason, node, slots, until, dropped }) => [reason, node, slots, until, dropped]),
        [['overflow', suite.server.address, [], undefined, 1]]
      );
      assert.equal(subscription.dropped, 4);
      letGo();
      await waitFor('the gap to be over', () => recorder.recovered.length);
      await subscription.fence();
      const [gap] = recorder.recovered;
      assert.deepEqual([gap.reason, gap.dropped, gap.since], ['overflow', 4, recorder.gaps[0].since]);
      assert(gap.until! >= gap.since);
      assert.deepEqual(heard(recorder), expected);
    });
  }

  it('keeps with coalesce the last of each key, and is told how many were given up', async () => {
    const { recorder, fast, subscription, letGo, write } = await subscribeSlowly({
      highWaterMark: 4,
      overflow: 'coalesce'
    });
    await write('full:0', 'full:a', 'full:b', 'full:a', 'full:c', 'full:a', 'full:b');
    await suite.server.command('DEL', 'full:c');
    await waitFor('the last to be queued', () => fast.hears('full:c', 'del'));
    letGo();
    await subscription.fence();
    await waitFor('the gap to be over', () => recorder.recovered.length);
    assert.deepEqual(heard(recorder), ['full:0', 'full:a', 'full:b', 'full:c']);
    assert.deepEqual(recorder.eventsOf('full:c'), ['del']);
    assert.deepEqual([subscription.dropped, recorder.recovered[0].dropped], [4, 4]);
  });

  it('is ended with end, told by a gap, and the others go on', async () => {
    const { client, recorder, subscription, letGo, write } = await subscribeSlowly({
      highWaterMark: 3,
      overflow: 'end'
    });
    let ends = 0;
    subscription.on('end', () => ends++);
    await write(...keys(1, 10));
    const told = recorder.gaps.map(({ reason, dropped }) => [reason, dropped]);
    assert.deepEqual(
      [told, ends],
      [
        [
          ['overflow', 1],
          ['closed', 3]
        ],
        1
      ]
    );
    letGo();
    await client.keyspace.fence();
    assert.deepEqual(heard(recorder), ['full:1']);
    assert.equal(client.keyspace.status().subscriptions, 1);
    await write(...keys(11, 12));
  });

  it('overflows again after it has caught up, and each time is told', async () => {
    const client = await suite.connect();
    const recorder = new Recorder();
    const stream = recorder.follow(await client.subscribeKeyspace('full:*', { highWaterMark: 10 }));
    const read: string[] = [];
    const iterator = stream[Symbol.asyncIterator]();
    for (let round = 1; round <= 3; round++) {
      await suite.write(...keys(1, 12));
      await stream.fence();
      for (let count = 0; count < 10; count++) read.push(((await iterator.next()).value as { key: string }).key);
      assert.deepEqual([recorder.gaps.length, recorder.recovered.length], [round, round]);
      assert.equal(recorder.recovered[round - 1].dropped, 2);
    }
    assert.equal(stream.dropped, 6);
    assert.deepEqual(read, [...keys(3, 12), ...keys(3, 12), ...keys(3, 12)]);
  });

  it('lets an iterator read what it held when it overflowed with end, and ends', async () => {
    const client = await suite.connect();
    const stream = await client.subscribeKeyspace('full:*', { highWaterMark: 3, overflow: 'end' });
    await suite.write(...keys(1, 5));
    const read: string[] = [];
    for await (const { key } of stream) read.push(key);
    assert.deepEqual(read, keys(1, 3));
  });
});
