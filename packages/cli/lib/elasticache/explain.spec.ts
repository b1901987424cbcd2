import assert from 'node:assert/strict';
import { ElastiCache } from '@aws-sdk/client-elasticache';
import { type ElastiCacheError } from './errors';
import { explain } from './explain';
import { loadSdk, type Sdk } from './sdk';
import { Service } from './service';

describe('explain', () => {
  const CASES: [name: string, code: string][] = [
    ['AccessDenied', 'ELASTICACHE_DENIED'],
    ['AccessDeniedException', 'ELASTICACHE_DENIED'],
    ['Throttling', 'ELASTICACHE_THROTTLED'],
    ['APICallRateForCustomerExceededFault', 'ELASTICACHE_THROTTLED'],
    ['InvalidClientTokenId', 'ELASTICACHE_CREDENTIALS'],
    ['ExpiredToken', 'ELASTICACHE_CREDENTIALS'],
    ['CredentialsProviderError', 'ELASTICACHE_CREDENTIALS'],
    ['CacheClusterNotFoundFault', 'ELASTICACHE_NOT_FOUND'],
    ['CacheParameterGroupNotFoundFault', 'ELASTICACHE_NOT_FOUND'],
    ['InvalidReplicationGroupStateFault', 'ELASTICACHE_STATE'],
    ['InvalidCacheClusterStateFault', 'ELASTICACHE_STATE'],
    ['ServiceUnavailable', 'ELASTICACHE_UNREACHABLE'],
    ['InvalidParameterValueException', 'ELASTICACHE_REFUSED'],
    ['CacheParameterGroupQuotaExceededFault', 'ELASTICACHE_REFUSED']
  ];
  for (const [name, code] of CASES) {
    it(`takes ${name} for ${code}`, () => {
      const told = Object.assign(new Error('why'), { name, $metadata: {} });
      const error = explain('DescribeIt', told) as ElastiCacheError;
      assert.deepEqual([error.code, error.message, error.cause], [code, 'DescribeIt: why', told]);
    });
  }

  for (const code of ['ENETUNREACH', 'EPROTO', 'ERR_TLS_CERT_ALTNAME_INVALID', 'SELF_SIGNED_CERT_IN_CHAIN']) {
    it(`takes ${code} for ELASTICACHE_UNREACHABLE`, () => {
      const error = explain('DescribeIt', Object.assign(new Error('why'), { code })) as ElastiCacheError;
      assert.equal(error.code, 'ELASTICACHE_UNREACHABLE');
    });
  }

  for (const [httpStatusCode, code] of [
    [502, 'ELASTICACHE_UNREACHABLE'],
    [404, 'ELASTICACHE_REFUSED']
  ] as const) {
    it(`takes an answer ${httpStatusCode} that is not ElastiCache's for ${code}, and tells its first line`, () => {
      const told = Object.assign(new Error('unexpected content.\n  see $response'), { $metadata: { httpStatusCode } });
      const { code: found, message } = explain('DescribeIt', told) as ElastiCacheError;
      assert.deepEqual([found, message], [code, 'DescribeIt: unexpected content.']);
    });
  }

  it('says why when all addresses of a host refuse', () => {
    const each = new Error('connect ECONNREFUSED ::1:443');
    const told = Object.assign(new AggregateError([each]), { code: 'ECONNREFUSED' });
    assert.equal((explain('DescribeIt', told) as ElastiCacheError).message, `DescribeIt: ${each.message}`);
  });

  it('leaves alone what is no answer of AWS', () => {
    const fault = new TypeError('x is not a function');
    assert.equal(explain('DescribeIt', fault), fault);
  });
});

describe('loadSdk', () => {
  const missing = (name: string) => import(name) as Promise<Sdk>;
  const told = (name: string) =>
    Object.assign(new Error(`Cannot find package '${name}' imported from here`), { code: 'ERR_MODULE_NOT_FOUND' });

  it('gives the SDK', async () => {
    assert.equal((await loadSdk()).ElastiCache, ElastiCache);
  });

  it('says how to install it when it is not there', async () => {
    const load = () => Promise.reject(told('@aws-sdk/client-elasticache'));
    await assert.rejects(loadSdk(load), {
      code: 'ELASTICACHE_SDK',
      message: '@aws-sdk/client-elasticache is not installed',
      remedy: 'Install it beside the command: npm install @aws-sdk/client-elasticache'
    });
  });

  it('does not blame the SDK for something else that is missing', async () => {
    await assert.rejects(
      loadSdk(() => missing('@redis-keyspace/not-there')),
      { code: /MODULE_NOT_FOUND/, message: /not-there/ }
    );
  });
});

describe('a Service that gets no answer', () => {
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const cases: [title: string, create: () => ElastiCache, code: string, remedy: RegExp][] = [
    [
      'from a port that nobody listens on',
      () => new ElastiCache({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', credentials, maxAttempts: 1 }),
      'ELASTICACHE_UNREACHABLE',
      /region and the proxy/
    ],
    [
      'without credentials',
      () => new ElastiCache({ endpoint: 'http://127.0.0.1:1', region: 'eu-west-1', credentials: noCredentials }),
      'ELASTICACHE_CREDENTIALS',
      /AWS_PROFILE/
    ]
  ];
  for (const [title, create, code, remedy] of cases) {
    it(`${title} says ${code}`, async () => {
      const aws = create();
      const service = new Service({
        ElastiCache: function () {
          return aws;
        } as unknown as typeof ElastiCache
      });
      await assert.rejects(service.cacheClusters(), (error: ElastiCacheError) => {
        assert.equal(error.code, code, error.message);
        assert.match(error.remedy ?? '', remedy);
        return true;
      });
      service.close();
    });
  }

  function noCredentials(): never {
    throw Object.assign(new Error('Could not load credentials from any providers'), {
      name: 'CredentialsProviderError'
    });
  }

  it('without a region asks for one', async () => {
    const names = ['AWS_REGION', 'AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE'] as const;
    const before = names.map(name => process.env[name]);
    delete process.env.AWS_REGION;
    process.env.AWS_CONFIG_FILE = process.env.AWS_SHARED_CREDENTIALS_FILE = '/nonexistent';
    try {
      const service = new Service({ ElastiCache });
      await assert.rejects(service.cacheClusters(), { code: 'ELASTICACHE_ARGUMENT', message: 'No region is given' });
      service.close();
    } finally {
      names.forEach((name, index) => {
        if (before[index] === undefined) delete process.env[name];
        else process.env[name] = before[index];
      });
    }
  });
});
