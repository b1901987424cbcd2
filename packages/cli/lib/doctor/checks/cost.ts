import { expandFlags, formatFlags, parseFlags, type FlagSet } from 'redis-keyspace';
import { primariesOf, type Fleet } from '../../fleet/fleet';
import { shellQuoted } from '../../text/shell';
import { eventRates, type EventRate } from '../event-rates';
import type { NodeFacts } from '../facts';
import type { Finding } from '../finding';
import type { Wants } from '../../wants';

/** What each class costs, by what the primaries have done so far: a publish for each event and channel. */
export function checkCost(fleet: Fleet, facts: readonly NodeFacts[], wants: Wants): Finding[] {
  const primaries = primariesOf(fleet);
  const known = facts.filter(({ node, info }) => primaries.includes(node) && info.has('uptime_in_seconds'));
  if (!known.length) return [];
  const rates = eventRates(known.map(({ info }) => info));
  const letters = known.flatMap(({ notify = [] }) => notify);
  const on = letters.length ? expandFlags(parseFlags(letters.join(''))) : undefined;
  const details = {
    publishesPerSecond: on && publishes(rates, on),
    publishesPerSecondNeeded: publishes(rates, wants.classes),
    classes: rates.map(({ flag, perSecond }) => ({
      flag,
      eventsPerSecond: perSecond,
      on: on?.has(flag),
      needed: wants.classes.has(flag)
    }))
  };
  const needed = `about ${text(details.publishesPerSecondNeeded)} publishes a second with "${wants.flags}"`;
  const now = on ? `, ${text(publishes(rates, on))} with what is on` : '';
  const message = `${needed}${now}, by the average since the servers started; each event is one for K and one for E`;
  const lines = classLines(rates, on, wants);
  return [{ level: 'info', check: 'cost', message, lines, details }, ...(on ? unneededOf(rates, on, wants) : [])];
}

/** What is on for nobody, as far as the command line says. */
function unneededOf(rates: readonly EventRate[], on: FlagSet, wants: Wants): Finding[] {
  const unneeded = new Set(rates.map(({ flag }) => flag).filter(flag => on.has(flag) && !wants.classes.has(flag)));
  if (!unneeded.size || !wants.isSpecific) return [];
  const saved = publishes(rates, on) - publishes(rates, new Set([...on].filter(flag => !unneeded.has(flag))));
  return [
    {
      level: 'info',
      check: 'cost',
      message: `"${formatFlags(unneeded)}" is on and not needed for what is named: ${text(saved)} publishes a second`,
      remedy: `if nobody else listens: CONFIG SET notify-keyspace-events ${shellQuoted(wants.flags)}, on every node`
    }
  ];
}

function publishes(rates: readonly EventRate[], classes: FlagSet): number {
  const events = rates.reduce((sum, { flag, perSecond }) => sum + (classes.has(flag) ? perSecond : 0), 0);
  const channels = ['K', 'E'].filter(channel => classes.has(channel)).length;
  return Math.round(events * channels * 10) / 10;
}

/** What has not happened yet is told in one line. */
function classLines(rates: readonly EventRate[], on: FlagSet | undefined, wants: Wants): string[] {
  const used = rates.filter(({ perSecond }) => perSecond > 0);
  const unused = rates.filter(({ perSecond }) => perSecond === 0).map(({ flag }) => flag);
  const off = (flag: string) => (wants.classes.has(flag) ? 'off, needed' : 'off');
  const stateOf = (flag: string) => (!on ? 'unknown' : on.has(flag) ? 'on' : off(flag));
  return [
    ...used.map(({ flag, title, perSecond }) => {
      return `${flag}  ${`${text(perSecond)} events/s`.padStart(18)}  ${stateOf(flag).padEnd(11)}  ${title}`;
    }),
    ...(unused.length ? [`next to nothing so far: ${unused.join(' ')}`] : [])
  ];
}

function text(value: number): string {
  return value.toLocaleString('en', { minimumFractionDigits: 1, maximumFractionDigits: 1 });
}
