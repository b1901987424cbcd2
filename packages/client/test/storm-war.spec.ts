import assert from 'node:assert/strict';
import { matrix } from '@redis-keyspace/test-utils';
import { storms } from './storm-suite';

matrix('nothing goes wrong outside a gap, and no gap stays open, in a war of', server => {
  storms(
    server,
    'war',
    ({ verdict: { summary, findings }, report }) => {
      assert.deepEqual(
        findings.filter(({ gap }) => !gap),
        [],
        report
      );
      assert.equal(summary.unclosedGaps, 0, report);
    },
    {
      keyspace: { topologyRefreshInterval: 200, heartbeatInterval: 200, heartbeatTimeout: 600 }
    }
  );
});
