import assert from 'node:assert/strict';
import fc from 'fast-check';
import { frameEnd } from '../protocol/frame';
import { MessageReader } from './message-reader';

const bulk = (bytes: Buffer) => Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
const encode = (kind: string, items: readonly Buffer[]) =>
  Buffer.concat([Buffer.from(`>${items.length + 1}\r\n`), ...[Buffer.from(kind), ...items].map(bulk)]);

const OTHERS = [
  '+PONG\r\n',
  '-ERR no\r\n',
  ':1\r\n',
  '_\r\n',
  '#t\r\n',
  ',1.5\r\n',
  '(123\r\n',
  '$-1\r\n',
  '$5\r\n>4\r\n\n\r\n',
  '=7\r\ntxt:a\r\n\r\n',
  '!3\r\nERR\r\n',
  '*0\r\n',
  '*2\r\n*1\r\n:1\r\n%1\r\n+a\r\n~1\r\n$1\r\nb\r\n',
  '>3\r\n$10\r\nssubscribe\r\n$1\r\na\r\n:1\r\n',
  '>3\r\n$12\r\nsunsubscribe\r\n$1\r\na\r\n:0\r\n',
  '>3\r\n$11\r\nunsubscribe\r\n_\r\n:0\r\n',
  '>3\r\n$8\r\nsmessage\r\n$1\r\na\r\n$1\r\nb\r\n',
  '>3\r\n$7\r\nmessage\r\n$1\r\na\r\n_\r\n',
  '>2\r\n$10\r\ninvalidate\r\n*1\r\n$1\r\na\r\n'
].map(text => Buffer.from(text));

const KINDS = ['subscribe', 'psubscribe', 'unsubscribe', 'punsubscribe'];

interface Step {
  readonly bytes: Buffer;
  /** What the reader is to make of it; undefined for what is the decoder's. */
  readonly heard: string | undefined;
}

const show = (part: Buffer | undefined) => part?.toString('latin1') ?? 'none';
const toldOf = (said: readonly (Buffer | undefined)[]) => `message ${said.map(show).join(' ')}`;
const other = (bytes: Buffer): Step => ({ bytes, heard: undefined });
const pmessage = (...said: Buffer[]): Step => ({ bytes: encode('pmessage', said), heard: toldOf(said) });
const message = (...said: Buffer[]): Step => ({ bytes: encode('message', said), heard: toldOf([undefined, ...said]) });
const confirmation = (kind: string, name: Buffer, count: number): Step => ({
  bytes: Buffer.concat([Buffer.from('>3\r\n'), bulk(Buffer.from(kind)), bulk(name), Buffer.from(`:${count}\r\n`)]),
  heard: 'confirmed'
});

const item = fc.oneof(
  fc.constantFrom('a', '', '\r\n>4\r\n', 'ü').map(text => Buffer.from(text)),
  fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes))
);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(item, item, item).map(said => pmessage(...said)),
  fc.tuple(item, item).map(said => message(...said)),
  fc.tuple(fc.constantFrom(...KINDS), item, fc.nat(200_000)).map(said => confirmation(...said)),
  fc.constantFrom(...OTHERS).map(other)
);

function read(bytes: Buffer, cuts: readonly number[]) {
  const heard: string[] = [];
  const decoded: Buffer[] = [];
  const flush = () => {
    if (decoded.length) heard.push(`other ${show(Buffer.concat(decoded.splice(0)))}`);
  };
  const reader = new MessageReader(
    (...said) => {
      flush();
      heard.push(toldOf(said));
    },
    () => {
      flush();
      heard.push('confirmed');
    },
    part => {
      let at = 0;
      while (at < part.length) at = frameEnd(part, at);
      assert.equal(at, part.length, 'the decoder gets whole values');
      decoded.push(Buffer.from(part));
    }
  );
  const ends = [...new Set(cuts.map(cut => cut % (bytes.length + 1)))].sort((a, b) => a - b);
  [0, ...ends].forEach((start, index) => {
    const piece = bytes.subarray(start, ends[index] ?? bytes.length);
    if (piece.length) reader.write(Buffer.from(piece));
  });
  flush();
  return heard;
}

function expected(steps: readonly Step[]): string[] {
  const all: string[] = [];
  for (const { bytes, heard } of steps) {
    const last = all.at(-1);
    if (heard !== undefined) all.push(heard);
    else if (last?.startsWith('other')) all[all.length - 1] = last + show(bytes);
    else all.push(`other ${show(bytes)}`);
  }
  return all;
}

describe('MessageReader', () => {
  it('takes out messages and confirmations and leaves the rest in order, however the stream is cut', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 12 }), fc.array(fc.nat(), { maxLength: 30 }), (steps, cuts) => {
        assert.deepEqual(read(Buffer.concat(steps.map(({ bytes }) => bytes)), cuts), expected(steps));
      }),
      { numRuns: 500 }
    );
  });

  it('reads a stream that comes byte by byte', () => {
    const [pattern, channel, payload] = ['*', 'c', 'p'].map(text => Buffer.from(text));
    const steps: Step[] = [
      pmessage(pattern, channel, payload),
      ...KINDS.map(kind => confirmation(kind, channel, 1)),
      ...OTHERS.map(other)
    ];
    const bytes = Buffer.concat(steps.map(step => step.bytes));
    assert.deepEqual(
      read(
        bytes,
        Array.from({ length: bytes.length }, (_, index) => index)
      ),
      expected(steps)
    );
  });

  it('joins the pieces of a long message once, not at each piece', () => {
    const payload = Buffer.alloc(50_000_000, 'x');
    const bytes = encode('message', [Buffer.from('c'), payload]);
    let heard: Buffer | undefined;
    const reader = new MessageReader(
      (_, __, said) => (heard = said),
      () => assert.fail(),
      () => assert.fail()
    );
    for (let at = 0; at < bytes.length; at += 16_384) reader.write(bytes.subarray(at, at + 16_384));
    assert.equal(heard?.length, payload.length);
  });
});
