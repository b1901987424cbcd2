import assert from 'node:assert/strict';
import { parseReplicationPoint } from './replication-point';

const info = (...lines: string[]) => ['# Replication', ...lines, ''].join('\r\n');

describe('a replication point', () => {
  it('is that of a promoted primary', () => {
    const text = info('sync_full:1', 'role:master', 'master_repl_offset:128', 'second_repl_offset:79');
    const point = { isReplica: false, offset: 128, promotedAt: 78, fullCopies: 1, isCopying: false };
    assert.deepEqual(parseReplicationPoint(text), point);
  });

  it('is that of a replica, which may be copying', () => {
    const text = info('role:slave', 'master_sync_in_progress:1', 'master_repl_offset:5', 'second_repl_offset:-1');
    const point = { isReplica: true, offset: 5, promotedAt: -1, fullCopies: 0, isCopying: true };
    assert.deepEqual(parseReplicationPoint(text), point);
  });

  it('knows nothing of an answer that is none', () => {
    const point = { isReplica: false, offset: -1, promotedAt: -1, fullCopies: 0, isCopying: false };
    assert.deepEqual(parseReplicationPoint('ERR'), point);
  });
});
