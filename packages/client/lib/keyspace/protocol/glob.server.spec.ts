import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { matrix, startStandalone, type RedisServer } from '@redis-keyspace/test-utils';
import fc from 'fast-check';
import { compileGlob, escapeGlob } from './glob';

const bytes = (text: string) => Buffer.from(text, 'latin1');

/** What breaks matchers, and few other bytes, so that random pairs often match. */
const HARD_BYTES = [...'**??[[]]\\\\^^--aaabbcz'].map(char => char.charCodeAt(0)).concat(0x00, 0x0a, 0x7f, 0x80, 0xff);
const hardBytes = (maxLength: number) =>
  fc.array(fc.constantFrom(...HARD_BYTES), { maxLength }).map(values => Buffer.from(values));

matrix('compileGlob', binary => {
  let server: RedisServer;
  let oracle: PatternOracle;
  before(async () => {
    server = await startStandalone(binary);
    oracle = await PatternOracle.connect(server);
  });
  after(async () => {
    oracle?.close();
    await server?.stop();
  });

  it('agrees with PSUBSCRIBE on random patterns and channels', async () => {
    const seed = Date.now() | 0;
    const patterns = fc.sample(hardBytes(9), { seed, numRuns: 600 });
    const subjects = fc.sample(hardBytes(7), { seed: seed + 1, numRuns: 300 });
    const heard = await oracle.matches(patterns, subjects);
    let agreed = 0;
    for (const pattern of patterns) {
      const matcher = compileGlob(pattern);
      const signsMatter = pattern.includes('-') && pattern.some(byte => byte >= 0x80);
      for (const subject of subjects) {
        const expected = heard.has(pairId(pattern, subject));
        if (signsMatter && !expected) continue;
        assert.equal(matcher(subject), expected, `${JSON.stringify([pattern, subject].map(String))}, seed ${seed}`);
        if (expected) agreed++;
      }
    }
    assert.ok(agreed > 1_000, `${agreed} matches are too few to prove anything`);
  });

  it('hears a literal by its escaped form only', async () => {
    const literals = fc.sample(hardBytes(6), { numRuns: 300 });
    const heard = await oracle.matches(literals.map(escapeGlob), literals);
    for (const pattern of literals) {
      for (const subject of literals) {
        assert.equal(heard.has(pairId(escapeGlob(pattern), subject)), pattern.equals(subject));
      }
    }
  });

  for (const stars of [1_000, 1_001, 1_002]) {
    it(`agrees about ${stars} stars`, async () => {
      const subject = Buffer.alloc(2_000, 'a');
      const patterns = ['*a'.repeat(stars), '*a'.repeat(stars - 1) + '*', '*a'.repeat(stars) + '*'].map(bytes);
      const heard = await oracle.matches(patterns, [subject]);
      assert.deepEqual(
        patterns.map(pattern => compileGlob(pattern)(subject)),
        patterns.map(pattern => heard.has(pairId(pattern, subject)))
      );
    });
  }
});

const pairId = (pattern: Buffer, subject: Buffer) => `${pattern.toString('hex')} ${subject.toString('hex')}`;

/** Asks a server which patterns match which channels, on a socket of its own: no client takes names as bytes. */
class PatternOracle {
  static readonly PREFIX = Buffer.from('tail:');
  #received = Buffer.alloc(0);

  private constructor(
    private readonly server: RedisServer,
    private readonly socket: Socket
  ) {
    socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk]);
    });
  }

  static async connect(server: RedisServer): Promise<PatternOracle> {
    const socket = connect(server.port, server.host);
    await once(socket, 'connect');
    return new PatternOracle(server, socket);
  }

  /** The pairs that match when both stand behind one literal prefix, as the key does in a channel. */
  async matches(patterns: readonly Buffer[], subjects: readonly Buffer[]): Promise<Set<string>> {
    const named = (tail: Buffer) => Buffer.concat([PatternOracle.PREFIX, tail]);
    await this.#call('PSUBSCRIBE', ...patterns.map(named));
    await Promise.all(subjects.map(subject => this.server.command('PUBLISH', named(subject), 'x')));
    const frames = parseFrames(await this.#call('PUNSUBSCRIBE'));
    const skip = PatternOracle.PREFIX.length;
    return new Set(
      frames
        .filter(([type]) => String(type) === 'pmessage')
        .map(([, pattern, subject]) => pairId(pattern.subarray(skip), subject.subarray(skip)))
    );
  }

  close(): void {
    this.socket.destroy();
  }

  /** Sends one command and a PING, and gives all that came before the PING's answer. */
  async #call(...args: readonly (string | Buffer)[]): Promise<Buffer> {
    const mark = `mark-${process.hrtime.bigint()}`;
    for (const command of [args, ['PING', mark]]) this.socket.write(encode(command));
    while (!this.#received.includes(mark)) await once(this.socket, 'data');
    const received = this.#received;
    this.#received = Buffer.alloc(0);
    return received;
  }
}

function encode(args: readonly (string | Buffer)[]): Buffer {
  const parts = args.flatMap(arg => {
    const value = Buffer.from(arg as string);
    return [Buffer.from(`$${value.length}\r\n`), value, Buffer.from('\r\n')];
  });
  return Buffer.concat([Buffer.from(`*${args.length}\r\n`), ...parts]);
}

/** RESP2 arrays of bulk strings, integers and nulls: all that a subscribed connection receives. */
function parseFrames(bytes: Buffer): Buffer[][] {
  const frames: Buffer[][] = [];
  let at = 0;
  const line = () => {
    const end = bytes.indexOf('\r\n', at);
    const text = bytes.toString('latin1', at, end);
    at = end + 2;
    return text;
  };
  while (at < bytes.length) {
    const head = line();
    const frame: Buffer[] = [];
    for (let left = head[0] === '*' ? Number(head.slice(1)) : 0; left > 0; left--) {
      const length = line();
      const size = length[0] === '$' ? Math.max(Number(length.slice(1)), 0) : 0;
      frame.push(bytes.subarray(at, at + size));
      if (length[0] === '$' && length !== '$-1') at += size + 2;
    }
    frames.push(frame);
  }
  return frames;
}
