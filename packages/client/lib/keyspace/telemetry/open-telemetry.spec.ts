import assert from 'node:assert/strict';
import { metrics, type MeterProvider } from '@opentelemetry/api';
import { KeyspaceError } from '../errors';
import { KeyspaceTelemetry, globalProvider, type KeyspaceMeterProvider } from './open-telemetry';

/** Counts who is asked for what. */
function makeProvider() {
  const log: string[] = [];
  const provider: KeyspaceMeterProvider = {
    getMeter: name => {
      log.push(`meter ${name}`);
      return {
        createObservableCounter: () => ({}),
        createObservableGauge: () => ({}),
        addBatchObservableCallback: () => log.push('begin'),
        removeBatchObservableCallback: () => log.push('end')
      };
    }
  };
  return { log, provider };
}

describe('KeyspaceTelemetry', () => {
  afterEach(() => KeyspaceTelemetry.reset());

  it('takes the provider that it is given', () => {
    const { log, provider } = makeProvider();
    KeyspaceTelemetry.init({ metrics: { enabled: true, meterProvider: provider } });
    assert.deepEqual(log, ['meter @redis-keyspace/client', 'begin']);
    KeyspaceTelemetry.reset();
    assert.equal(log.at(-1), 'end');
  });

  it('takes the global provider of the API when it is given none, and fits its types', () => {
    const api: MeterProvider = metrics.getMeterProvider();
    const ours: KeyspaceMeterProvider = api;
    assert.equal(typeof ours.getMeter, 'function');
    assert.equal(globalProvider(), metrics);
    KeyspaceTelemetry.init({ metrics: { enabled: true } });
  });

  it('does nothing unless metrics are enabled', () => {
    for (const config of [{}, { metrics: {} }, { metrics: { enabled: false } }]) {
      const { log, provider } = makeProvider();
      KeyspaceTelemetry.init({ metrics: config.metrics && { ...config.metrics, meterProvider: provider } });
      assert.deepEqual(log, []);
      KeyspaceTelemetry.reset();
    }
  });

  it('is initialized once', () => {
    KeyspaceTelemetry.init({});
    assert.throws(
      () => KeyspaceTelemetry.init({}),
      (error: unknown) => error instanceof KeyspaceError && error.code === 'KEYSPACE_TELEMETRY'
    );
  });

  it('says what is missing when the API is not installed', () => {
    assert.throws(
      () => globalProvider('/nowhere/index.js'),
      (error: unknown) => error instanceof KeyspaceError && /@opentelemetry\/api is not installed/.test(error.message)
    );
  });
});
