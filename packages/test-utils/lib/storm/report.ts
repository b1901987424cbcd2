import { FINDING_KINDS, type Finding, type Verdict } from './checker';
import type { Heard, ToldGap } from './hearing';
import { formatOutage, type OutageReport } from './outage';
import { relativeTo, type StepRecord } from './step-log';
import { testimony } from './witness';

/** How many findings of a kind, and how many gaps, a report shows. */
const SHOWN = 8;

/** What a report tells beside the verdict. */
export interface ReportContext {
  readonly gaps: readonly ToldGap[];
  readonly steps: readonly StepRecord[];
  /** Who said what, where somebody has listened to all nodes. */
  readonly witness?: readonly Heard[];
  readonly outages?: readonly OutageReport[];
}

/** A verdict for people: the figures, the first few findings of each kind, and the gaps. */
export function formatVerdict(name: string, { summary, findings }: Verdict, context: ReportContext): string {
  const { gaps, steps, witness, outages = [] } = context;
  const { coveredByGap, unclosedGaps, ...figures } = summary;
  const lines = [
    `${name}: ${Object.entries(figures)
      .map(([figure, count]) => `${figure} ${count}`)
      .join(', ')} (${coveredByGap} covered by a gap, ${unclosedGaps} gaps not closed)`
  ];
  for (const kind of FINDING_KINDS) {
    const found = findings.filter(finding => finding.kind === kind);
    // What no gap covers is worse, and comes first.
    const worst = [...found.filter(({ gap }) => !gap), ...found.filter(({ gap }) => gap)];
    for (const finding of worst.slice(0, SHOWN)) {
      lines.push(`  ${formatFinding(finding, steps)}`);
      if (witness) {
        lines.push(`    witness: ${testimony(witness, finding.key, finding.at)}`);
      }
    }
    lines.push(...more(found.length));
  }
  lines.push(...gaps.slice(0, SHOWN).map(gap => `  ${formatGap(gap, steps)}`), ...more(gaps.length));
  lines.push(...outages.map(outage => `  ${formatOutage(outage)}`));
  return lines.join('\n');
}

export function formatFinding(finding: Finding, steps: readonly StepRecord[]): string {
  const { kind, event, key, slot, at, node, gap } = finding;
  const where = `slot ${slot}${node && ` from ${node}`}`;
  const cover = gap ? `, in the gap ${gap.reason} of ${gap.node}` : '';
  return `${kind} ${event} ${key} (${where}) ${relativeTo(steps, at)}${cover}`;
}

export function formatGap({ reason, node, slots, since, until }: ToldGap, steps: readonly StepRecord[]): string {
  const span = until ? `for ${until.getTime() - since.getTime()} ms` : 'not closed';
  const ranges = slots.slice(0, 4).map(range => range.join('-'));
  const which = slots.length ? `${ranges.join(' ')}${slots.length > 4 ? ' …' : ''}` : 'all slots';
  return `gap ${reason} of ${node}, ${which}, since ${relativeTo(steps, since.getTime())}, ${span}`;
}

function more(count: number): string[] {
  return count > SHOWN ? [`  … and ${count - SHOWN} more`] : [];
}
