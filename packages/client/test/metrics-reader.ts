import assert from 'node:assert/strict';
import { AggregationTemporality, MeterProvider, MetricReader, type DataPoint } from '@opentelemetry/sdk-metrics';

/** A reader of the SDK that collects when it is asked to. */
export class MetricsReader extends MetricReader {
  readonly provider = new MeterProvider({ readers: [this] });

  constructor() {
    super({ aggregationTemporalitySelector: () => AggregationTemporality.CUMULATIVE });
  }

  async metrics() {
    const { resourceMetrics, errors } = await this.collect();
    assert.deepEqual(errors, []);
    return resourceMetrics.scopeMetrics.flatMap(({ metrics }) => metrics);
  }

  async points(name: string): Promise<DataPoint<number>[]> {
    const found = (await this.metrics()).filter(({ descriptor }) => descriptor.name === name);
    return found.flatMap(({ dataPoints }) => dataPoints as DataPoint<number>[]);
  }

  /** The values of one metric by what tells them apart, of one client. */
  async read(name: string): Promise<Record<string, number>> {
    const points = await this.points(name);
    return Object.fromEntries(
      points.map(({ attributes, value }) => {
        const { 'db.system.name': _system, 'db.client.connection.pool.name': _client, ...own } = attributes;
        return [Object.values(own).join(':'), value];
      })
    );
  }

  protected override onForceFlush(): Promise<void> {
    return Promise.resolve();
  }

  protected override onShutdown(): Promise<void> {
    return Promise.resolve();
  }
}
