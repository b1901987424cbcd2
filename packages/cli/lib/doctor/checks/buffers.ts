import { number } from '../../text/format';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';

const MB = 2 ** 20;
/** What every server has by default. */
const USUAL = { hard: 32 * MB, soft: 8 * MB, seconds: 60 };

/** How much may wait for a slow subscriber before the server cuts it. */
export function checkBuffers(facts: readonly NodeFacts[]): Finding[] {
  return facts.filter(({ error }) => error === undefined).flatMap(fact => [...checkLimit(fact), ...checkCuts(fact)]);
}

function checkLimit({ node, bufferLimits }: NodeFacts): Finding[] {
  const of = { check: 'buffers', node } as const;
  const [, ...limits] = /pubsub (\d+) (\d+) (\d+)/.exec(bufferLimits ?? '')?.map(Number) ?? [];
  if (limits.length < 3) return [];
  const [hard, soft, seconds] = limits;
  const details = { hard, soft, seconds };
  const text = `a subscriber is cut when ${size(hard)} wait for it${soft ? `, or ${size(soft)} for ${seconds} s` : ''}`;
  if (hard === 0 && soft === 0) {
    const message = 'a subscriber is never cut, however much waits for it: one that hangs can fill the memory';
    return [{ ...of, level: 'warning', message, remedy: remedy(USUAL), details }];
  }
  const isLow = (hard !== 0 && hard < USUAL.hard) || (soft !== 0 && soft < USUAL.soft);
  if (!isLow) return [{ ...of, level: 'ok', message: text, details }];
  const message = `${text}, which is less than usual: a busy moment is enough`;
  return [{ ...of, level: 'warning', message, remedy: remedy(USUAL), details }];
}

/** Redis 8 and Valkey count it, Redis 7.0 does not; of any client, not of subscribers alone. */
function checkCuts({ node, info }: NodeFacts): Finding[] {
  const cuts = Number(info.get('client_output_buffer_limit_disconnections') ?? 0);
  if (!cuts) return [];
  return [
    {
      level: 'warning',
      check: 'buffers',
      node,
      message: `has cut ${number(cuts)} client${cuts === 1 ? '' : 's'} that read too slowly`,
      remedy: 'read faster, subscribe to less, or raise the limit: each cut of a subscriber is a gap',
      details: { disconnections: cuts }
    }
  ];
}

function remedy({ hard, soft, seconds }: typeof USUAL): string {
  return `CONFIG SET client-output-buffer-limit "pubsub ${hard} ${soft} ${seconds}", on every node`;
}

function size(bytes: number): string {
  return bytes % MB === 0 || bytes > 10 * MB ? `${Math.round(bytes / MB)} MB` : `${number(bytes)} bytes`;
}
