import assert from 'node:assert/strict';
import { matrix, type Finding } from '@redis-keyspace/test-utils';
import { storms } from './storm-suite';

/** Of so many writes one may be a lookalike. */
const UNDECIDABLE = 500;

/**
 * A user's DEL at one end of a classic move and RESTORE of the same key at the other look like the move itself when
 * our process was late for both: then the two are hidden together.
 */
function isLookalike({ kind, event, key }: Finding, _: number, findings: readonly Finding[]): boolean {
  const lost = (word: string) =>
    findings.filter(other => other.kind === 'lost' && other.key === key && other.event === word).length;
  return kind === 'lost' && /^(del|restore)$/.test(event) && lost('del') === lost('restore');
}

matrix('each write is heard once and in order, and no gap is told, in a storm of', server => {
  storms(
    server,
    'peace',
    ({ verdict: { summary, findings }, report }) => {
      const lookalikes = findings.filter(isLookalike);
      assert.deepEqual(
        findings.filter(finding => !lookalikes.includes(finding)),
        [],
        report
      );
      assert.ok(lookalikes.length <= summary.acknowledged / UNDECIDABLE, report);
      assert.equal(summary.gaps, 0, report);
    },
    { only: ['calm', 'membership', 'classic', 'takeover', 'aborted', 'returned', 'replicas', 'flush'] }
  );
});

matrix('nothing is lost, repeated or invented outside a gap, and no gap stays open, in a storm of', server => {
  // What a replica calls `del` in the milliseconds of its promotion may have been an `expired`: that is a gap. So may
  // be where an import ends, when nobody wrote to its slots and our process was late.
  storms(
    server,
    'peace',
    ({ verdict: { summary, findings }, report }) => {
      assert.deepEqual(
        findings.filter(({ gap }) => !gap),
        [],
        report
      );
      assert.equal(summary.unclosedGaps, 0, report);
    },
    { only: ['failover', 'failovers', 'rolling', 'atomic', 'cancelled', 'crossing'] }
  );
});
