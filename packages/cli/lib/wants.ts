import {
  expandFlags,
  formatFlags,
  parseFlags,
  subscriptionNeeds,
  type FlagSet,
  type IntendedSubscription,
  type NeededChannel
} from 'redis-keyspace';
import { intendedSubscription, type Interest } from './interest-options';

/** What the servers are examined for. */
export interface Wants {
  readonly intended: readonly IntendedSubscription[];
  /** The letters that it takes, as CONFIG SET takes them. */
  readonly flags: string;
  /** The same, with `A` written out. */
  readonly classes: FlagSet;
  readonly channels: readonly NeededChannel[];
  /** Whether keys and events were named, or everything is meant. */
  readonly isSpecific: boolean;
}

/** Where nothing is named: all keys and all events, by either channel. */
export function wantsOf(interest: Interest, where: { readonly cluster: boolean; readonly database?: number }): Wants {
  const isSpecific = interest.patterns.length > 0 || interest.events.length > 0;
  const intended = isSpecific
    ? [intendedSubscription(interest, where)]
    : [intendedSubscription(interest, where), intendedSubscription({ ...interest, events: ['*'] }, where)];
  const needs = intended.map(subscriptionNeeds);
  const flags = formatFlags(parseFlags(needs.map(need => need.flags).join('')));
  return {
    intended,
    flags,
    classes: expandFlags(parseFlags(flags)),
    channels: needs.flatMap(need => need.channels),
    isSpecific
  };
}

/** The same, where just these letters are to be on. */
export function withLetters(wants: Wants, letters: string): Wants {
  return { ...wants, flags: letters, classes: expandFlags(parseFlags(letters)) };
}
