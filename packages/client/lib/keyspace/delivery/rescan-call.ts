import { KeyspaceArgumentError } from '../errors';
import { dropUndefined, refuseUnknown, requireInteger } from '../options';
import { SLOT_COUNT, joinRanges, type SlotRange, type SlotRanges } from '../plan/slot-ranges';

/** What `rescan(gap, options)` of a subscription takes. */
export interface RescanOptions {
  /** About how many keys a server looks at in one step, SCAN's COUNT. @default 1_000 */
  count?: number;
  /** Ends the rescan: the iteration then throws the signal's reason. */
  abortSignal?: AbortSignal;
}

const DEFAULTS: { readonly count: number; readonly abortSignal: AbortSignal | undefined } = Object.freeze({
  count: 1_000,
  abortSignal: undefined
});
const MAX_COUNT = 1_000_000;

/** A call with everything checked and filled in. */
export interface RescanCall {
  /** Empty: all keys. */
  readonly slots: SlotRanges;
  readonly count: number;
  readonly abortSignal: AbortSignal | undefined;
}

/** @throws {KeyspaceArgumentError} naming what is wrong and quoting it. */
export function parseRescan(gap: unknown, given: unknown): RescanCall {
  const slots = typeof gap === 'object' && gap !== null ? (gap as { slots?: unknown }).slots : undefined;
  if (!Array.isArray(slots) || !slots.every(isRange))
    throw new KeyspaceArgumentError('gap', 'a gap, with its slots as [from, to]', slots ?? gap);
  if (given !== undefined && (typeof given !== 'object' || given === null))
    throw new KeyspaceArgumentError('options', 'an object', given);
  const options = given ?? {};
  refuseUnknown('options', options, DEFAULTS);
  const { count, abortSignal } = { ...DEFAULTS, ...dropUndefined(options) };
  requireInteger('count', count, 1, MAX_COUNT);
  if (abortSignal !== undefined && !(abortSignal instanceof AbortSignal))
    throw new KeyspaceArgumentError('abortSignal', 'an AbortSignal', abortSignal);
  return { slots: joinRanges(slots), count, abortSignal };
}

function isRange(range: unknown): range is SlotRange {
  if (!Array.isArray(range) || range.length !== 2) return false;
  const [from, to] = range as unknown[];
  const isSlot = (slot: unknown): slot is number =>
    Number.isInteger(slot) && Number(slot) >= 0 && Number(slot) < SLOT_COUNT;
  return isSlot(from) && isSlot(to) && from <= to;
}
