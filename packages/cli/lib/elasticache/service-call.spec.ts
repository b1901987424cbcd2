import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { asCommandLine, type ServiceCall, type Where } from './service-call';

describe('asCommandLine', () => {
  const CASES: [call: ServiceCall, where: Where | undefined, line: string][] = [
    [
      {
        operation: 'CreateCacheParameterGroup',
        input: { CacheParameterGroupName: 'a-b', CacheParameterGroupFamily: 'redis6.x', Description: "It's a copy" }
      },
      { region: 'eu-central-1', profile: 'ops', endpointUrl: 'http://127.0.0.1:80' },
      'aws elasticache create-cache-parameter-group --cache-parameter-group-name a-b ' +
        "--cache-parameter-group-family redis6.x --description 'It'\\''s a copy' --region eu-central-1 --profile ops --endpoint-url http://127.0.0.1:80"
    ],
    [
      {
        operation: 'ModifyCacheParameterGroup',
        input: {
          CacheParameterGroupName: 'a',
          ParameterNameValues: [
            { ParameterName: 'notify-keyspace-events', ParameterValue: 'K$x' },
            { ParameterName: 'save', ParameterValue: '' }
          ]
        }
      },
      undefined,
      'aws elasticache modify-cache-parameter-group --cache-parameter-group-name a --parameter-name-values ' +
        "'ParameterName=notify-keyspace-events,ParameterValue=K$x' 'ParameterName=save,ParameterValue=\"\"'"
    ],
    [
      {
        operation: 'ModifyReplicationGroup',
        input: { ReplicationGroupId: 'g', CacheParameterGroupName: 'a', ApplyImmediately: true }
      },
      undefined,
      'aws elasticache modify-replication-group --replication-group-id g --cache-parameter-group-name a ' +
        '--apply-immediately'
    ],
    [
      {
        operation: 'CreateReplicationGroup',
        input: {
          ReplicationGroupId: 'g',
          ReplicationGroupDescription: 'd',
          TransitEncryptionEnabled: false,
          NumNodeGroups: 2,
          CacheSubnetGroupName: undefined,
          SecurityGroupIds: ['sg-1', 'sg-2']
        }
      },
      undefined,
      'aws elasticache create-replication-group --replication-group-id g --replication-group-description d ' +
        '--no-transit-encryption-enabled --num-node-groups 2 --security-group-ids sg-1 sg-2'
    ]
  ];
  for (const [call, where, line] of CASES) {
    it(`writes ${call.operation}`, () => assert.equal(asCommandLine(call, where), line));
  }

  it('is what a shell takes apart again', () => {
    const [[call]] = CASES;
    const { stdout } = spawnSync('sh', ['-c', `aws() { printf '%s\\n' "$@"; }; ${asCommandLine(call)}`]);
    assert.ok(String(stdout).split('\n').includes("It's a copy"));
  });
});
