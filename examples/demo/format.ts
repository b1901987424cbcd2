import type { KeyspaceGap } from 'redis-keyspace';
import type { Summary } from './ledger';

export function number(value: number): string {
  return value.toLocaleString('en');
}

export function seconds(milliseconds: number): string {
  return `${(milliseconds / 1_000).toFixed(1)} s`;
}

export function slotList(slots: KeyspaceGap['slots']): string {
  if (!slots.length) return 'all keys';
  const shown = slots.slice(0, 4).map(([from, to]) => (from === to ? String(from) : `${from}-${to}`));
  return `${slots.length === 1 && slots[0][0] === slots[0][1] ? 'slot' : 'slots'} ${shown.join(', ')}${slots.length > 4 ? ', …' : ''}`;
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
