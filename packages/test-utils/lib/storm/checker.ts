import { slotOf } from '../cluster/slot-key';
import { align, type Pairing } from './alignment';
import type { Heard, ToldGap } from './hearing';
import { contains, type Doubt, type Expectation, type KeyHistory } from './ledger';

export const FINDING_KINDS = ['lost', 'repeated', 'invented', 'misordered'] as const;
export type FindingKind = (typeof FINDING_KINDS)[number];

/** One notification that is not as it should be. */
export interface Finding {
  readonly kind: FindingKind;
  readonly event: string;
  readonly key: string;
  readonly database: number;
  readonly slot: number;
  /** When it was heard; of what was lost, when its write was acknowledged, or its time was over. */
  readonly at: number;
  /** Who said it; '' of what was lost. */
  readonly node: string;
  /** The gap that it lies in, by slot and time. */
  readonly gap: ToldGap | undefined;
  /** The nodes that have ever said this of the key, where somebody has listened to all. */
  readonly saidBy?: readonly string[];
}

export interface Summary {
  /** Notifications that acknowledged writes must have caused, of those that the listener wants. */
  readonly acknowledged: number;
  /** Notifications heard. */
  readonly heard: number;
  readonly lost: number;
  readonly repeated: number;
  readonly invented: number;
  readonly misordered: number;
  /** Of the four above. */
  readonly coveredByGap: number;
  readonly gaps: number;
  readonly unclosedGaps: number;
}

/** What a listener is measured by. */
export interface CheckInput {
  readonly histories: Iterable<KeyHistory>;
  readonly heard: readonly Heard[];
  readonly gaps?: readonly ToldGap[];
  readonly doubts?: readonly Doubt[];
  /** Which notifications the listener asked for. @default all */
  readonly wants?: (event: string, key: string, database: number) => boolean;
  /** What was said by all nodes, replicas too. */
  readonly witness?: readonly Heard[];
}

export interface Verdict {
  readonly summary: Summary;
  readonly findings: readonly Finding[];
}

/**
 * Compares what was heard with what was acknowledged, key by key: the events of a key must be those of its
 * writes, in the order of the writes. Pure: the same input gives the same verdict.
 */
export function check({ histories, heard, gaps = [], doubts = [], wants = () => true, witness }: CheckInput): Verdict {
  const findings: Finding[] = [];
  const byKey = groupByKey(heard);
  let acknowledged = 0;
  const judge = (key: string, database: number, slot: number, expected: readonly Expectation[]) => {
    const id = idOf(key, database);
    const said = byKey.get(id) ?? [];
    byKey.delete(id);
    acknowledged += expected.reduce((sum, { sure }) => sum + Number(sure), 0);
    const gapOf = (since: number, until: number) => gaps.find(told => covers(told, slot, since, until));
    for (const { since, until, ...oddity } of compare(expected, said, gapOf)) {
      const gap = gapOf(since, until);
      findings.push({ ...oddity, key, database, slot, gap });
    }
  };
  for (const { key, database, slot, expected } of histories) {
    const wanted = expected.filter(({ event }) => wants(event, key, database));
    judge(key, database, slot, weaken(wanted, slot, doubts));
  }
  for (const [{ key, database }] of [...byKey.values()]) {
    judge(key, database, slotOf(key), []);
  }
  findings.sort((a, b) => a.at - b.at);
  return { summary: summarize(acknowledged, heard.length, findings, gaps), findings: attest(findings, witness) };
}

/** A finding that has no key yet, and when it happened: between `since` and `until`. */
interface Oddity extends Pick<Finding, 'kind' | 'event' | 'node' | 'at'> {
  readonly since: number;
  readonly until: number;
}

type GapOf = (since: number, until: number) => ToldGap | undefined;

function compare(expected: readonly Expectation[], said: readonly Heard[], gapOf: GapOf): Oddity[] {
  const pairs = pair(expected, said, gapOf);
  if (pairs.length === expected.length && pairs.length === said.length) {
    return [];
  }
  const missing = without(expected, new Set(pairs.map(([index]) => index)));
  const extra = without(said, new Set(pairs.map(([, index]) => index)));
  const oddities: Oddity[] = [];
  for (const { event, node, at } of extra) {
    const place = missing.findIndex(item => item.event === event);
    const [moved] = place === -1 ? [] : missing.splice(place, 1);
    const oddity = { event, node, at, since: moved?.sentAt ?? at, until: at };
    if (!moved) {
      oddities.push({ ...oddity, kind: expected.some(item => item.event === event) ? 'repeated' : 'invented' });
    } else if (moved.sure) {
      oddities.push({ ...oddity, kind: 'misordered' });
    }
  }
  for (const { event, sentAt, answeredAt, bornAt } of missing.filter(({ sure }) => sure)) {
    const at = bornAt === undefined ? answeredAt : sentAt;
    oddities.push({ kind: 'lost', event, node: '', at, since: sentAt, until: answeredAt });
  }
  return oddities;
}

/** Nearly every key has been heard as it was written: that is seen at a glance. */
function pair(expected: readonly Expectation[], said: readonly Heard[], gapOf: GapOf): Pairing {
  if (expected.length === said.length && expected.every(({ event }, index) => event === said[index].event)) {
    return expected.map((_, index) => [index, index]);
  }
  return align(
    expected.map(({ event, sure, sentAt, answeredAt }) => {
      const inGap = gapOf(sentAt, answeredAt) !== undefined;
      return { text: event, sure, from: sentAt, to: answeredAt, inGap };
    }),
    said.map(({ event, at }) => ({ text: event, at, inGap: gapOf(at, at) !== undefined }))
  );
}

/** Adds who said it, for the keys that something is wrong with. */
function attest(findings: readonly Finding[], witness: readonly Heard[] | undefined): readonly Finding[] {
  if (!witness || findings.length === 0) {
    return findings;
  }
  const keys = new Set(findings.map(({ key }) => key));
  const said = groupByKey(witness.filter(({ key }) => keys.has(key)));
  return findings.map(finding => {
    const items = said.get(idOf(finding.key, finding.database)) ?? [];
    const nodes = items.filter(({ event }) => event === finding.event).map(({ node }) => node);
    return { ...finding, saidBy: [...new Set(nodes)] };
  });
}

function without<T>(items: readonly T[], indexes: ReadonlySet<number>): T[] {
  return items.filter((_, index) => !indexes.has(index));
}

/** What a doubt reaches need not be heard. */
function weaken(expected: readonly Expectation[], slot: number, doubts: readonly Doubt[]): readonly Expectation[] {
  if (doubts.length === 0) {
    return expected;
  }
  return expected.map(item => {
    const { bornAt, sentAt, answeredAt } = item;
    const isDoubtful = doubts.some(
      ({ since, until, slots, reach }) =>
        (bornAt !== undefined || reach === 'writes') &&
        contains(slots, slot) &&
        answeredAt >= since &&
        (bornAt ?? sentAt) <= until
    );
    return isDoubtful ? { ...item, sure: false } : item;
  });
}

function covers({ slots, since, until }: ToldGap, slot: number, from: number, to: number): boolean {
  return contains(slots, slot) && to >= since.getTime() && from <= (until?.getTime() ?? Infinity);
}

function groupByKey(heard: readonly Heard[]): Map<string, Heard[]> {
  const groups = new Map<string, Heard[]>();
  for (const item of heard) {
    const id = idOf(item.key, item.database);
    const group = groups.get(id);
    if (group) {
      group.push(item);
    } else {
      groups.set(id, [item]);
    }
  }
  return groups;
}

function idOf(key: string, database: number): string {
  return `${database} ${key}`;
}

function summarize(
  acknowledged: number,
  heard: number,
  findings: readonly Finding[],
  gaps: readonly ToldGap[]
): Summary {
  const count = (kind: FindingKind) => findings.filter(finding => finding.kind === kind).length;
  return {
    acknowledged,
    heard,
    lost: count('lost'),
    repeated: count('repeated'),
    invented: count('invented'),
    misordered: count('misordered'),
    coveredByGap: findings.filter(({ gap }) => gap !== undefined).length,
    gaps: gaps.length,
    unclosedGaps: gaps.filter(({ until }) => until === undefined).length
  };
}
