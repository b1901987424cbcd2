import assert from 'node:assert/strict';
import { setImmediate as turn } from 'node:timers/promises';
import fc from 'fast-check';
import type { Message } from '../delivery/dispatcher';
import { parseNotification } from '../protocol';
import { MovedKeys } from './moved-keys';

/**
 * One message: who says it (`S` owns the slot and loses it, `T` gets it), what, and by which name it came where
 * several names bring the same: 'S del', 'T restore', 'S del 2'. With a star the slot is known to be on its way.
 */
function message(text: string, key = 'k'): { node: string; message: Message; owned: boolean; inMotion: boolean } {
  const [who, event, name = '1'] = text.split(' ');
  const [node, inMotion] = [who[0], who.endsWith('*')];
  const notification = parseNotification(Buffer.from(`__keyspace@0__:${key}`), Buffer.from(event))!;
  return {
    node,
    owned: node === 'S',
    inMotion,
    message: { notification, want: { id: name }, number: ++messages, text } as unknown as Message
  };
}
let messages = 0;
const textOf = (one: Message) => (one as unknown as { text: string }).text;

/** Moved keys that deliver to a log; fences pass when told to, and decisions are taken at once. */
function make({ decided = () => Promise.resolve(), movesAtOnce = (): boolean => false } = {}) {
  const log: string[] = [];
  const fences: ((ends: ReadonlyMap<string, number>) => void)[] = [];
  const take = (one: ReturnType<typeof message>) => {
    if (!moved.take(one.node, one.message, one.owned, one.inMotion)) log.push(textOf(one.message));
  };
  const moved: MovedKeys<string> = new MovedKeys<string>({
    deliver: one => log.push(textOf(one)),
    hide: one => log.push(`(${textOf(one)})`),
    fence: () => new Promise(resolve => fences.push(resolve)),
    decided,
    movesAtOnce
  });
  const say = (...texts: string[]) => texts.forEach(text => take(message(text)));
  const pass = async () => {
    fences.shift()?.(new Map([...'ST'].map(node => [node, messages])));
    await turn();
  };
  const passAll = async () => {
    while (fences.length) await pass();
  };
  return { moved, log, say, take, pass, passAll, fences };
}

const delivered = (log: readonly string[]) => log.filter(text => !text.startsWith('('));

describe('moved keys', () => {
  it('let everything pass that is no half of a pair, at once', () => {
    const { log, say, fences } = make();
    say('S set', 'T set', 'S restore', 'T del', 'S expired');
    assert.deepEqual([log, fences.length], [['S set', 'T set', 'S restore', 'T del', 'S expired'], 0]);
  });

  const CASES: readonly [title: string, said: string, heard: string][] = [
    ['hide the pair of a move', 'T restore,S del', ''],
    ['hide it in the other order of arrival', 'S del,T restore', ''],
    ["deliver a user's DEL", 'S del', 'S del'],
    ["deliver a user's RESTORE", 'T restore', 'T restore'],
    ['keep the order of a key behind a DEL', 'S del,S set,S expire', 'S del,S set,S expire'],
    ['hide the pair though a redirected write came in between', 'T restore,T set,S del', 'T set'],
    ['hide the pair though a redirected DEL came in between', 'T restore,T del,S del', 'T del'],
    ['hide the pair though a redirected write came behind it', 'S del,T restore,T set', 'T set'],
    ["do not take a user's DEL for a half when the key was made again", 'S del,S set,T restore,S del', 'S del,S set'],
    [
      "do not take a user's DEL for a half, whatever the order of arrival",
      'T restore,S del,S set,S del',
      'S del,S set'
    ],
    ['deliver what the source said before what the target said', 'T restore,T set,S expire,S del', 'S expire,T set'],
    ['hide the pair of a key that is sent back', 'T* del,S* restore', ''],
    ['hide it in the other order of arrival, too', 'S* restore,T* del', ''],
    ['hide it though a redirected write came too late', 'T* del,S* restore,T* append', 'T* append'],
    ['hide it though that came first', 'T* set,T* del,T* append,S* restore', 'T* set,T* append'],
    ['hide it though its owner was written to before', 'T* del,S* set,S* restore,S* expire', 'S* set,S* expire'],
    ['deliver a redirected DEL', 'T* del', 'T* del'],
    ["deliver a user's RESTORE at the owner", 'S* restore', 'S* restore'],
    ['deliver what a key did before it was sent back', 'T* set,T* del,S* restore,S* set', 'T* set,S* set']
  ];
  for (const [title, said, heard] of CASES) {
    it(`${title}: ${said}`, async () => {
      const { log, say, passAll } = make();
      say(...said.split(','));
      await passAll();
      assert.equal(delivered(log).join(','), heard);
    });
  }

  it('hide every copy of the pair where several names bring it', async () => {
    const { log, say, passAll } = make();
    say('S del 1', 'S del 2', 'T restore 1', 'T restore 2', 'T set 1', 'T set 2');
    await passAll();
    assert.deepEqual(delivered(log), ['T set 1', 'T set 2']);
    assert.equal(log.length, 6);
  });

  it('wait for a fence that began after them', async () => {
    const { log, say, take, pass, fences } = make();
    take(message('S del', 'other'));
    assert.equal(fences.length, 1);
    say('S del');
    await pass();
    assert.deepEqual(log, ['S del']);
    say('T restore');
    await pass();
    assert.deepEqual(log, ['S del']);
    await pass();
    assert.deepEqual(log, ['S del', '(T restore)', '(S del)']);
    assert.equal(fences.length, 0);
  });

  it("do not take a user's RESTORE for a half that is said behind the fence of the DEL, however late it is decided", async () => {
    let decide: (value?: void) => void = () => {};
    const { log, say, pass } = make({ decided: () => new Promise(resolve => (decide = resolve)) });
    say('S del');
    await pass();
    say('T restore');
    decide();
    await turn();
    assert.deepEqual(log, ['S del']);
    await pass();
    decide();
    await turn();
    assert.deepEqual(log, ['S del', 'T restore']);
  });

  it('are no pair when it is found meanwhile that the slot moves all at once', async () => {
    let atOnce = false;
    const { log, say, passAll } = make({ movesAtOnce: () => atOnce });
    say('S* restore', 'T* del');
    atOnce = true;
    await passAll();
    assert.deepEqual(log, ['S* restore', 'T* del']);
  });

  it('begin the next fence while it is still being decided what the last one has brought', async () => {
    const { say, take, pass, fences } = make({ decided: () => new Promise(() => undefined) });
    say('S del');
    await pass();
    take(message('S del', 'other'));
    assert.equal(fences.length, 1);
  });

  it('hold one key and no other', async () => {
    const { log, say, take, passAll } = make();
    say('S del');
    take(message('S set', 'other'));
    assert.deepEqual(log, ['S set']);
    await passAll();
    assert.deepEqual(log, ['S set', 'S del']);
  });

  it('let a key go that is deleted and made again all the time', async () => {
    const { log, say, pass, fences } = make();
    say('S del');
    for (let round = 0; round < 50; round++) {
      say('S set', 'S del');
      await pass();
    }
    assert.equal(fences.length, 1);
    assert.equal(log.length, 100);
  });

  it('are settled when nothing of now waits any more', async () => {
    const { moved, log, say, passAll, pass } = make();
    await moved.settled();
    say('S del');
    let settled = false;
    const waiting = moved.settled().then(() => (settled = true));
    await turn();
    assert.equal(settled, false);
    await pass();
    await passAll();
    await waiting;
    assert.deepEqual(log, ['S del']);
  });

  it('settle also when a node that was to be fenced is lost', async () => {
    const log: string[] = [];
    const moved = new MovedKeys<string>({
      deliver: one => log.push(textOf(one)),
      hide: () => {},
      fence: () => Promise.reject(new Error('lost')),
      decided: () => Promise.resolve(),
      movesAtOnce: () => false
    });
    const { node, message: one, owned } = message('S del');
    moved.take(node, one, owned);
    await turn();
    assert.deepEqual(log, ['S del']);
  });

  it('forget all when cleared', async () => {
    const { moved, log, say, passAll } = make();
    say('S del');
    moved.clear();
    await passAll();
    assert.deepEqual(log, []);
  });

  it('never hide, double or reorder what users did, however the two streams are interleaved', async () => {
    const userEvents = fc.array(fc.constantFrom('set', 'del', 'expire'), { maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(
        userEvents,
        userEvents,
        fc.boolean(),
        fc.constantFrom('', '*'),
        fc.infiniteStream(fc.boolean()),
        async (before, after, isMoved, star, picks) => {
          // A key that was deleted is made again before it moves or is deleted again.
          const source = alternate(before).map((event, index) => `S${star} ${event} u${index}`);
          const target = alternate(after).map((event, index) => `T${star} ${event} u${index}`);
          if (isMoved) {
            if (source.at(-1)?.includes(' del ')) source.push('S set u9');
            source.push(`S${star} del move`);
            target.unshift(`T${star} restore move`);
          }
          const expected = [...source, ...(isMoved ? target : [])].filter(text => !text.endsWith('move'));
          const { log, say, passAll } = make();
          const streams = [[...source], isMoved ? [...target] : []];
          while (streams[0].length || streams[1].length) {
            const pick = picks.next().value ? 0 : 1;
            const [next] = (streams[pick].length ? streams[pick] : streams[1 - pick]).splice(0, 1);
            say(next);
          }
          await passAll();
          assert.deepEqual(delivered(log), expected);
        }
      ),
      { numRuns: 200 }
    );
  });
});

/** No event of a key that is not there: what follows a `del` is a `set`. */
function alternate(events: readonly string[]): string[] {
  return events.flatMap((event, index) => (events[index - 1] === 'del' && event !== 'set' ? ['set', event] : [event]));
}
