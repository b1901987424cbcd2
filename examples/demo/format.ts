import type { KeyNotification, KeyspaceGap } from 'redis-keyspace';
import type { Summary } from './ledger';
import type { Tally } from './tally';

export function number(value: number): string {
  return value.toLocaleString('en');
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

/** `12:34:56.789` */
export function clock(date: Date): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${String(date.getMilliseconds()).padStart(3, '0')}`;
}

/** What a terminal would obey is shown escaped. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what it is about
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, character =>
    JSON.stringify(character)
      .slice(1, -1)
      .replace(/^[\u007f-\u009f]$/, at => `\\u00${at.charCodeAt(0).toString(16)}`)
  );
}

/** Time, node, database, event, key, in columns. */
export function notificationLine({ node, database, event, key }: KeyNotification, now: Date): string {
  return `${clock(now)}  ${node.padEnd(15)}  db${database}  ${printable(event).padEnd(9)}  ${printable(key)}`;
}

export function slotList(slots: KeyspaceGap['slots']): string {
  if (!slots.length) return 'all keys';
  const shown = slots.slice(0, 4).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  return `${slots.length === 1 && slots[0][0] === slots[0][1] ? 'slot' : 'slots'} ${shown.join(', ')}${slots.length > 4 ? ', …' : ''}`;
}

export function gapLine({ reason, node, slots, since, dropped }: KeyspaceGap): string {
  const loss = dropped === undefined ? 'notifications may be missing' : `${number(dropped)} dropped`;
  return `GAP        ${reason}: ${node}, ${slotList(slots)}: ${loss} since ${clock(since)}`;
}

export function recoveredLine({ reason, node, slots, since, until }: KeyspaceGap): string {
  return `RECOVERED  ${reason}: ${node}, ${slotList(slots)}: in doubt for ${seconds(+(until ?? since) - +since)}`;
}

const NODE_WIDTH = 22;
const CELL_WIDTH = 9;

/** Node by event, as wide as `width` allows: what has no room is added up. */
export function tableLines(tally: Tally, width: number): string[] {
  const columns = Math.max(3, Math.floor((width - NODE_WIDTH - 1) / CELL_WIDTH));
  const { events } = tally;
  const shown = events.length + 1 <= columns ? events : events.slice(0, columns - 2);
  const rest = events.slice(shown.length);
  const row = (first: string, cells: readonly string[]) =>
    first.padEnd(NODE_WIDTH) + cells.map(cell => cell.padStart(CELL_WIDTH)).join('');
  const lines = tally.nodes.map(node => {
    const others = rest.reduce((sum, event) => sum + tally.of(node, event), 0);
    const counts = [...shown.map(event => tally.of(node, event)), ...(rest.length ? [others] : []), tally.of(node)];
    return row(node, counts.map(number));
  });
  return [row('node', [...shown, ...(rest.length ? ['others'] : []), 'all']), ...lines];
}

export function summaryLines({ written, heard, others, lostInGaps, lostOutside, repeated, gaps }: Summary): string[] {
  const line = (name: string, value: number, text: string) =>
    `  ${name.padEnd(9)}${number(value).padStart(8)}  ${text}`;
  const more = [...others].map(([event, count]) => `${event} ${number(count)}`).join(', ');
  return [
    'Summary',
    line('written', written, 'notifications that acknowledged writes had to cause'),
    line('heard', heard, `of them${more ? `; besides, ${more}` : ''}`),
    line('lost', lostInGaps + lostOutside, `${number(lostInGaps)} inside a told gap, ${number(lostOutside)} outside`),
    line('repeated', repeated, 'heard more than once'),
    line('gaps', gaps.length, gaps.length ? 'told:' : 'told'),
    ...gaps.map(
      gap =>
        `    ${gap.reason}, ${gap.node}, ${slotList(gap.slots)}, ${gap.until ? seconds(+gap.until - +gap.since) : 'still open'}`
    )
  ];
}
