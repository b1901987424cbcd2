import type { KeyNotification, KeyspaceGap, KeyspaceSlotChange, KeyspaceTopologyChange } from 'redis-keyspace';
import type { Style } from '../style';
import { clock, number, plural, printable, seconds, slotList } from '../text/format';
import type { EndReason, Happening } from './happening';

/** A happening as people read it; undefined for what is no line of its own. */
export function lineOf(happening: Happening, style: Style): string | undefined {
  const at = clock(happening.time);
  switch (happening.type) {
    case 'notification':
      return notificationLine(at, happening.notification, style);
    case 'gap':
      return `${at}  ${style.red('GAP')}        ${gapText(happening.gap)}`;
    case 'recovered':
      return `${at}  ${style.green('RECOVERED')}  ${recoveredText(happening.gap)}`;
    case 'topology':
      return `${at}  ${style.cyan('TOPOLOGY')}   ${topologyText(happening.change)}`;
    case 'warning':
      return `${at}  ${style.yellow('WARNING')}    ${happening.warning.message}`;
    case 'error':
      return `${at}  ${style.yellow('ERROR')}      ${printable(happening.message)}`;
    case 'watching': {
      const { url, kind, nodes } = happening;
      return `Watching ${url}, ${kind}: ${nodes.join(', ')}. Ctrl-C ends.`;
    }
    case 'end':
      return endText(happening.reason, happening.heard, happening.gaps);
    case 'rate':
      return undefined;
  }
}

const EVENT_WIDTH = 9;

function notificationLine(at: string, notification: KeyNotification<Buffer>, style: Style): string {
  const { node, database, event, key, subkeys } = notification;
  const name = printable(event).padEnd(EVENT_WIDTH);
  const fields = subkeys.length ? `  ${style.dim(subkeys.map(printable).join(' '))}` : '';
  return `${style.dim(at)}  ${node.padEnd(15)}  db${database}  ${style.cyan(name)}  ${printable(key)}${fields}`;
}

function gapText({ reason, node, slots, since, dropped }: KeyspaceGap): string {
  const loss = dropped === undefined ? 'notifications may be missing' : `${number(dropped)} dropped`;
  return `${reason}: ${node}, ${slotList(slots)}: ${loss} since ${clock(since)}`;
}

function recoveredText({ reason, node, slots, since, until, dropped }: KeyspaceGap): string {
  const loss = dropped === undefined ? '' : `, ${number(dropped)} dropped`;
  return `${reason}: ${node}, ${slotList(slots)}: in doubt for ${seconds(+(until ?? since) - +since)}${loss}`;
}

function topologyText(change: KeyspaceTopologyChange): string {
  const { gained, lost, importing, joined, left, promoted, demoted, primaries, replicas } = change;
  const moves = (verb: string, changes: readonly KeyspaceSlotChange[]) =>
    changes.map(({ node, slots }) => `${node} ${verb} ${slotList(slots)}`);
  const parts = [
    ...promoted.map(node => `${node} is primary now`),
    ...demoted.map(node => `${node} is a replica now`),
    ...joined.map(({ node, role }) => `${role} ${node} has joined`),
    ...left.map(({ node, role }) => `${role} ${node} has left`),
    ...moves('imports', importing),
    ...moves('gained', gained),
    ...moves('lost', lost)
  ];
  return (
    parts.join('; ') || `${plural(primaries.length, 'primary', 'primaries')}, ${plural(replicas.length, 'replica')}`
  );
}

const REASONS: Readonly<Record<EndReason, string>> = {
  interrupted: 'Ended',
  until: 'Ended as told',
  closed: 'Ended by the client'
};

function endText(reason: EndReason, heard: number, gaps: number): string {
  return `${REASONS[reason]}: ${number(heard)} heard, ${plural(gaps, 'gap')}.`;
}
