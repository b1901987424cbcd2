import assert from 'node:assert/strict';
import { parseReplicationPoint } from './replication-point';

const NOTHING_REMOVED = { removedKeys: 0, removedFields: 0 };
const info = (...lines: string[]) => ['# Replication', ...lines, ''].join('\r\n');

describe('a replication point', () => {
  it('is that of a promoted primary', () => {
    const text = info(
      'sync_full:1',
      'role:master',
      'master_repl_offset:128',
      'second_repl_offset:79',
      'repl_backlog_active:1'
    );
    const point = {
      isReplica: false,
      offset: 128,
      promotedAt: 78,
      fullCopies: 1,
      isCounting: true,
      isCopying: false,
      ...NOTHING_REMOVED
    };
    assert.deepEqual(parseReplicationPoint(text), point);
  });

  it('is that of a replica, which may be copying', () => {
    const text = info('role:slave', 'master_sync_in_progress:1', 'master_repl_offset:5', 'second_repl_offset:-1');
    const point = {
      isReplica: true,
      offset: 5,
      promotedAt: -1,
      fullCopies: 0,
      isCounting: false,
      isCopying: true,
      ...NOTHING_REMOVED
    };
    assert.deepEqual(parseReplicationPoint(text), point);
  });

  for (const field of ['expired_subkeys', 'expired_fields']) {
    it(`counts what was removed, with ${field}`, () => {
      const { removedKeys, removedFields } = parseReplicationPoint(
        info('expired_keys:3', `${field}:7`, `${field}_active:1`, 'evicted_keys:2', 'evicted_clients:9')
      );
      assert.deepEqual([removedKeys, removedFields], [5, 7]);
    });
  }

  it('is counted while somebody may follow', () => {
    const { isCounting } = parseReplicationPoint(info('connected_slaves:1', 'repl_backlog_active:0'));
    assert.equal(isCounting, true);
  });

  it('knows nothing of an answer that is none', () => {
    const point = {
      isReplica: false,
      offset: -1,
      promotedAt: -1,
      fullCopies: 0,
      isCounting: false,
      isCopying: false,
      ...NOTHING_REMOVED
    };
    assert.deepEqual(parseReplicationPoint('ERR'), point);
  });
});
