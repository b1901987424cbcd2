import type { Style } from '../style';
import { plural } from '../text/format';
import type { ChangePlan, NodeChange } from './change';

/** What became of the nodes, as people read it. */
export function changeLines(changes: readonly NodeChange[], plan: ChangePlan, style: Style): string[] {
  const width = Math.max(...changes.map(({ node }) => node.address.length));
  return [...changes.flatMap(change => changeText(change, width, plan, style)), '', summary(changes, plan, style)];
}

/** The same as `--json` has it: a node each, then a summary. */
export function changeRecords(changes: readonly NodeChange[], { add, dryRun }: ChangePlan): Record<string, unknown>[] {
  return [
    ...changes.map(({ node, before, after, changed, persisted, hidden, failure }) => ({
      type: 'node',
      node: node.address,
      role: node.role,
      before,
      after,
      wanted: add ?? '',
      changed,
      persisted,
      hidden: hidden || undefined,
      dryRun,
      error: failure?.message,
      remedy: failure?.remedy
    })),
    {
      type: 'summary',
      nodes: changes.length,
      changed: changes.filter(({ changed }) => changed).length,
      failed: changes.filter(({ failure }) => failure).length,
      dryRun
    }
  ];
}

function changeText(change: NodeChange, width: number, plan: ChangePlan, style: Style): string[] {
  const { node, before, after, changed, persisted, hidden, failure } = change;
  const who = `${node.address.padEnd(width)}  ${node.role.padEnd(7)}`;
  const letters = before === undefined ? '' : `"${before}" -> "${after}"`;
  const kept = persisted ? ', and saved' : '';
  const done = !changed ? 'nothing to do' : plan.dryRun ? 'would be set' : 'set';
  if (!failure)
    return [`${who}  ${letters}  ${style.green(done + kept)}${hidden ? `; "${hidden}" is not shown besides A` : ''}`];
  return [
    `${who}  ${letters}${letters && '  '}${style.red('FAILED')} ${failure.message}`,
    `${' '.repeat(width + 2)}${style.cyan('->')} ${failure.remedy}`
  ];
}

function summary(changes: readonly NodeChange[], { dryRun }: ChangePlan, style: Style): string {
  const changed = changes.filter(({ changed: did }) => did).length;
  const failed = changes.filter(({ failure }) => failure).length;
  const verb = dryRun ? 'would be changed' : 'changed';
  const end = failed ? `, ${style.red(`${failed} failed`)}` : '';
  return `${plural(changes.length, 'node')}: ${changed} ${verb}${end}.${dryRun ? ' Nothing was done: --dry-run.' : ''}`;
}
