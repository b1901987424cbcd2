import { primariesOf, type Fleet } from '../../fleet/fleet';
import { number } from '../../text/format';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';
import type { Wants } from '../../wants';

/** Measured: with so many keys that have a time, half of the notifications came so late, and later. */
const MEASURED = [
  { keys: 100_000, late: '89 s' },
  { keys: 10_000, late: '16 s' }
] as const;

/** Of so few, a background cycle finds most at once. */
const FEW = 1_000;

/** `expired` comes when the key is found expired, which takes the longer the more keys have a time. */
export function checkExpiry(fleet: Fleet, facts: readonly NodeFacts[], wants: Wants): Finding[] {
  if (!wants.classes.has('x')) return [];
  const primaries = primariesOf(fleet);
  return facts
    .filter(({ node, error, info }) => primaries.includes(node) && error === undefined && info.size > 0)
    .map(checkNode);
}

function checkNode({ node, info }: NodeFacts): Finding {
  const volatile = sumOf(info, 'expires');
  const details = { volatile, keys: sumOf(info, 'keys'), expired: Number(info.get('expired_keys') ?? 0) };
  const measured = MEASURED.find(({ keys }) => volatile >= keys);
  const have = `${number(volatile)} key${volatile === 1 ? ' has' : 's have'} a time`;
  if (!measured) {
    const delay = volatile < FEW ? 'soon' : 'within seconds';
    return { level: 'ok', check: 'expiry', node, message: `${have}: "expired" comes ${delay}`, details };
  }
  return {
    level: 'warning',
    check: 'expiry',
    node,
    message: `${have}: "expired" can come late (half of them by ${measured.late} or more, measured with ${number(measured.keys)})`,
    remedy: 'ask for the key (EXISTS) when its time has come: then it is said at once; or raise active-expire-effort',
    details
  };
}

/** `db0:keys=12,expires=3,avg_ttl=0`, one for each database. */
function sumOf(info: ReadonlyMap<string, string>, name: string): number {
  return [...info]
    .filter(([key]) => /^db\d+$/.test(key))
    .reduce((sum, [, text]) => sum + Number(new RegExp(`\\b${name}=(\\d+)`).exec(text)?.[1] ?? 0), 0);
}
