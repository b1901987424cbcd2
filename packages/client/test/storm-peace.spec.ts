import assert from 'node:assert/strict';
import { matrix } from '@redis-keyspace/test-utils';
import { storms } from './storm-suite';

/**
 * A user's DEL at one end of a move and RESTORE at the other look like the move itself when our process was late
 * for both: of so many writes one may be taken for the other.
 */
const UNDECIDABLE = 500;

matrix('each write is heard once and in order, and no gap is told, in a storm of', server => {
  storms(
    server,
    'peace',
    ({ verdict: { summary }, report }) => {
      const { acknowledged, lost, repeated, invented, misordered, gaps } = summary;
      assert.ok(lost + repeated + invented + misordered <= acknowledged / UNDECIDABLE, report);
      assert.equal(gaps, 0, report);
    },
    { only: ['membership', 'classic', 'takeover', 'returned'] }
  );
});

matrix('nothing is lost, repeated or invented outside a gap, and no gap stays open, in a storm of', server => {
  // What a replica calls `del` in the milliseconds of its promotion may have been an `expired`: that is a gap. So may
  // be where an import ends, when nobody wrote to its slots and our process was late.
  storms(
    server,
    'peace',
    ({ verdict: { summary, findings }, report }) => {
      const outside = findings.filter(({ gap }) => !gap);
      assert.ok(outside.length <= summary.acknowledged / UNDECIDABLE, report);
      assert.equal(summary.unclosedGaps, 0, report);
    },
    { only: ['failover', 'atomic'] }
  );
});
