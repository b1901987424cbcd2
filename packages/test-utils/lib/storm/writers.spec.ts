import assert from 'node:assert/strict';
import { ClientOfflineError, SimpleError } from '@redis/client';
import { slotOf } from '../cluster/slot-key';
import { sleep, waitFor } from '../wait';
import { check } from './checker';
import { Ledger } from './ledger';
import { Random } from './random';
import { Writers, type WriterOptions } from './writers';

type Answer = (args: readonly string[]) => Promise<unknown>;

const FOCUS = [7, 11_000];

function makeWriters(answer: Answer, options: WriterOptions = {}) {
  const ledger = new Ledger();
  const client = {
    sendCommand: (_key: string, _isReadonly: boolean, args: (string | Buffer)[]) => answer(args.map(String))
  };
  const source = { random: new Random(1), dump: Buffer.from('dump'), ttl: [5, 10] as const };
  return { ledger, writers: new Writers(client, ledger, source, FOCUS, { rate: 2_000, ...options }) };
}

async function writeSome(writers: Writers, enough: () => boolean): Promise<void> {
  writers.start();
  await waitFor('enough writes', enough);
  await writers.stop();
}

describe('the writers of a storm', () => {
  it('never have two writes of a key under way, and enter them in their order', async () => {
    const said: { event: string; key: string; database: number; node: string; at: number }[] = [];
    const busy = new Set<string>();
    const { ledger, writers } = makeWriters(
      async ([name, key]) => {
        assert(!busy.has(key), `${key} is written twice at once`);
        busy.add(key);
        await sleep(1);
        busy.delete(key);
        const words: Record<string, string> = { DEL: 'del', INCRBY: 'incrby', SETRANGE: 'setrange', EXPIRE: 'expire' };
        said.push({ event: words[name] ?? name.toLowerCase(), key, database: 0, node: '', at: Date.now() });
        return 1;
      },
      { weights: { expiring: 0, expiringField: 0 } }
    );
    await writeSome(writers, () => ledger.acknowledged >= 500);
    const { summary, findings } = check({ histories: ledger.histories, heard: said });
    assert.deepEqual(findings, []);
    assert(summary.acknowledged >= 500);
  });

  it('write half of all to the slots that move', async () => {
    const { ledger, writers } = makeWriters(() => Promise.resolve(1));
    await writeSome(writers, () => ledger.acknowledged >= 500);
    const histories = [...ledger.histories];
    const focused = histories.filter(({ slot }) => FOCUS.includes(slot)).length / histories.length;
    assert(focused > 0.3 && focused < 0.8, `${focused} of the keys`);
    assert(writers.counters.length > 0);
  });

  it('enter as unknown what gets no answer, and leave that key alone', async () => {
    const { ledger, writers } = makeWriters(() => new Promise(() => undefined), { timeout: 20 });
    await writeSome(writers, () => ledger.unknown >= 20);
    assert.equal(ledger.acknowledged, 0);
    const histories = [...ledger.histories];
    assert(histories.every(({ expected }) => expected.every(({ sure }) => !sure)));
    assert(
      histories.every(({ expected }) => expected.length <= 3),
      'the events of one write'
    );
  });

  it('enter nothing of what was refused, or not sent at all', async () => {
    const refusals = [new SimpleError('CLUSTERDOWN The cluster is down'), new ClientOfflineError()];
    let turn = 0;
    const { ledger, writers } = makeWriters(() => Promise.reject(refusals[turn++ % 2]));
    await writeSome(writers, () => ledger.refused >= 20);
    assert.deepEqual([...ledger.histories], []);
  });

  it('enter as unknown what broke under way', async () => {
    const { ledger, writers } = makeWriters(() => Promise.reject(new Error('Socket closed unexpectedly')));
    await writeSome(writers, () => ledger.unknown >= 20);
    assert.deepEqual([ledger.acknowledged, ledger.refused], [0, 0]);
  });

  it('enter nothing of what has changed nothing', async () => {
    const { ledger, writers } = makeWriters(([name]) => Promise.resolve(name === 'DEL' ? 0 : 1));
    await writeSome(writers, () => ledger.acknowledged >= 300);
    assert([...ledger.histories].every(({ expected }) => expected.every(({ event }) => event !== 'del')));
  });

  it('fill one slot with new keys', async () => {
    const { ledger, writers } = makeWriters(() => Promise.resolve('OK'));
    await writers.fill(7, 250);
    const histories = [...ledger.histories];
    assert.equal(histories.length, 250);
    assert(histories.every(({ key, slot }) => slot === 7 && slotOf(key) === 7));
  });
});
