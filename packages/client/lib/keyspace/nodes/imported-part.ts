import type { Message } from '../delivery/dispatcher';
import { inRanges, joinRanges, slotsOf, type SlotRanges } from '../plan/slot-ranges';
import { cutImport, type EndedImport } from './import-cut';
import type { RunningImport } from './import-trails';
import type { Source } from './motions';
import type { Voice } from './voice';

/** Where slots come from, as far as it is known. */
export interface Origins {
  sourceOf(slot: number): Source<Voice> | undefined;
  voiceOf(id: string): Voice | undefined;
}

export interface ImportedPart {
  /** What the node said for others. */
  readonly foreign: ReadonlySet<Message>;
  /** Slots of which that is not certain, and since when (ms). */
  readonly blurs: readonly { readonly slots: SlotRanges; readonly since: number }[];
}

/** Milliseconds between the first that an import copies and the first that is heard of it: as a rule, and at most. */
const EARLIER = 5;
const EARLIEST = 1_000;

/** One job, or what came from one node when no job is known. */
interface Group {
  readonly job: RunningImport | undefined;
  readonly owner: Voice | undefined;
  readonly slots: Set<number>;
}

/** What of the uncertain that a node has said of its new slots is an import? All of one job change hands at one point. */
export function importedPart(
  voice: Voice,
  slots: readonly number[],
  imports: readonly RunningImport[],
  origins: Origins
): ImportedPart {
  const uncertain = voice.uncertain(slots);
  const foreign = new Set<Message>();
  const blurs: { slots: SlotRanges; since: number }[] = [];
  const groups = new Map<unknown, Group>();
  for (const [slot, { wasRefused }] of uncertain) {
    const job = imports.findLast(({ job }) => inRanges(job.slots, slot));
    if (!job && !wasRefused) continue;
    const owner = (job && origins.voiceOf(job.job.sourceId)) ?? origins.sourceOf(slot)?.owner;
    const group = groups.get(job ?? owner) ?? { job, owner, slots: new Set() };
    groups.set(job ?? owner, group);
    group.slots.add(slot);
  }
  for (const group of groups.values()) {
    const all = new Set([...group.slots].flatMap(slot => uncertain.get(slot)!.messages));
    const messages = voice.held.filter(message => all.has(message));
    const since = sinceOf(group, origins);
    const { end, isCertain } = cutImport({ ...trailOf(group, since), messages });
    for (const message of messages.slice(0, end)) foreign.add(message);
    if (!isCertain) blurs.push({ slots: joinRanges([...group.slots].map(slot => [slot, slot])), since });
  }
  return { foreign, blurs };
}

/** When did it begin (ms)? What the source said earlier is read earlier, up to a round trip. */
function sinceOf({ job, owner, slots }: Group, origins: Origins): number {
  const motions = [...slots].map(slot => origins.sourceOf(slot)?.since ?? Infinity);
  const heardOf = motions.reduce((first, since) => Math.min(first, since), job?.since ?? Infinity);
  return heardOf - EARLIER - (owner?.roundTrip ?? 0);
}

/** Of all slots of a job: they are copied and followed as one, and the source may have been silent of some. */
function trailOf({ job, owner, slots: moved }: Group, since: number): Omit<EndedImport, 'messages'> {
  const slots = job ? new Set(slotsOf(job.job.slots)) : moved;
  return {
    said: owner?.history.saidSince(since - EARLIEST, slots) ?? [],
    debts: (job?.fences(slots) ?? []).map(({ from, after }) => ({
      owed: owner?.history.saidFrom(from, slots).length ?? 0,
      after
    })),
    had: owner?.history.keysOf(slots, since) ?? new Set(),
    ...(job?.heard(slots) ?? { imported: [], copied: undefined })
  };
}
