import { describeFleet, type Fleet, type FleetNode } from '../fleet/fleet';
import type { Style } from '../style';
import { plural } from '../text/format';
import type { Diagnosis } from './doctor';
import { CHECKS, LEVELS, type Finding, type Level } from './finding';

/** The same of several nodes is told once. */
interface Group extends Omit<Finding, 'node' | 'details'> {
  readonly nodes: readonly FleetNode[];
}

/** The diagnosis as people read it. */
export function diagnosisLines({ url, fleet, wants, findings }: Diagnosis, style: Style): string[] {
  const what = wants.isSpecific ? wants.channels.map(({ name }) => name).join(', ') : 'every key and every event';
  const checks = CHECKS.filter(check => findings.some(finding => finding.check === check));
  return [
    `${style.bold(url)}: ${describeFleet(fleet)}`,
    `Needed for ${what}: notify-keyspace-events ${style.bold(wants.flags)}`,
    ...checks.flatMap(check => [
      '',
      style.bold(check),
      ...groupsOf(findings.filter(finding => finding.check === check)).flatMap(group => groupLines(group, fleet, style))
    ]),
    '',
    summaryLine(findings, style)
  ];
}

/** The diagnosis as `--json` has it: a finding each, then a summary. */
export function diagnosisRecords({ url, fleet, wants, findings }: Diagnosis): Record<string, unknown>[] {
  const head = { kind: fleet.kind, url, nodes: fleet.nodes.map(({ address: node, role }) => ({ node, role })) };
  return [
    { type: 'servers', ...head, required: wants.flags, channels: wants.channels },
    ...findings.map(({ level, check, node, message, remedy, details }) => ({
      type: 'finding',
      level,
      check,
      node: node?.address,
      role: node?.role,
      message,
      remedy,
      details
    })),
    { type: 'summary', ...Object.fromEntries(LEVELS.map(level => [level, countOf(findings, level)])) }
  ];
}

function countOf(findings: readonly Finding[], level: Level): number {
  return findings.filter(finding => finding.level === level).length;
}

function groupsOf(findings: readonly Finding[]): Group[] {
  const groups = new Map<string, Group>();
  for (const { node, details: _details, ...finding } of findings) {
    const id = JSON.stringify([finding.level, finding.message, finding.remedy]);
    const nodes = [...(groups.get(id)?.nodes ?? []), ...(node ? [node] : [])];
    groups.set(id, { ...finding, nodes });
  }
  return [...groups.values()];
}

const MARKS: Readonly<Record<Level, string>> = { ok: 'ok', info: 'info', warning: 'warning', problem: 'PROBLEM' };
const INDENT = ' '.repeat(2 + 9);

function groupLines({ level, nodes, message, remedy, lines = [] }: Group, fleet: Fleet, style: Style): string[] {
  const paint = { ok: style.green, info: style.dim, warning: style.yellow, problem: style.red }[level];
  const who = nodes.length ? `${namesOf(nodes, fleet, level)}: ` : '';
  return [
    `  ${paint(MARKS[level].padEnd(9))}${who}${message}`,
    ...lines.map(line => `${INDENT}${style.dim(line)}`),
    ...(remedy === undefined ? [] : [`${INDENT}${style.cyan('->')} ${remedy}`])
  ];
}

/** `all 6 nodes`, `all 3 primaries`, or their addresses. */
function namesOf(nodes: readonly FleetNode[], fleet: Fleet, level: Level): string {
  const primaries = fleet.nodes.filter(({ role }) => role === 'primary');
  if (nodes.length > 1 && nodes.length === fleet.nodes.length) return all(nodes.length, 'nodes');
  if (nodes.length > 1 && nodes.length === primaries.length && nodes.every(({ role }) => role === 'primary'))
    return all(nodes.length, 'primaries');
  if (nodes.length > 3 && level === 'ok') return `${nodes.length} of ${fleet.nodes.length} nodes`;
  return nodes.map(({ address, role }) => `${role} ${address}`).join(', ');
}

function all(count: number, nouns: string): string {
  return count === 2 ? `both ${nouns}` : `all ${count} ${nouns}`;
}

function summaryLine(findings: readonly Finding[], style: Style): string {
  const groups = groupsOf(findings);
  const problems = groups.filter(({ level }) => level === 'problem').length;
  const warnings = groups.filter(({ level }) => level === 'warning').length;
  const rest = warnings ? `, ${plural(warnings, 'warning')}` : '';
  if (problems) return `${style.red(plural(problems, 'problem'))}${rest}.`;
  return `${style.green('No problem')}${rest}.`;
}
