import { createRequire } from 'node:module';
import { KeyspaceError } from '../errors';
import { observeClients, type KeyspaceMeter } from './metrics';
import { observedClients } from './observed-clients';

/** What is used of a `MeterProvider` of `@opentelemetry/api`. */
export interface KeyspaceMeterProvider {
  /** A meter for the instruments of this package. */
  getMeter(name: string): KeyspaceMeter;
}

/** Which metrics to record, and where. */
export interface KeyspaceMetricConfig {
  /** @default false */
  enabled?: boolean;
  /** @default the global one of `@opentelemetry/api`, which then has to be installed */
  meterProvider?: KeyspaceMeterProvider;
}

/** What `KeyspaceTelemetry.init()` takes. */
export interface KeyspaceTelemetryConfig {
  /** Observable counters and gauges of what `client.keyspace.status()` shows. */
  metrics?: KeyspaceMetricConfig;
}

const SCOPE = '@redis-keyspace/client';
const CODE = 'KEYSPACE_TELEMETRY';

/** Our part beside `OpenTelemetry` of node-redis, and used like it. */
export class KeyspaceTelemetry {
  static #end: (() => void) | undefined;

  private constructor() {}

  /**
   * Records what the keyspace subscriptions of all clients of this process do, those that exist already included.
   * Call it once, when the application starts. Nothing is done between two collections.
   * @throws {KeyspaceError} called before, or `@opentelemetry/api` is needed and not installed.
   */
  static init({ metrics }: KeyspaceTelemetryConfig): void {
    if (KeyspaceTelemetry.#end) throw new KeyspaceError(CODE, 'KeyspaceTelemetry is initialized already');
    const provider = metrics?.enabled ? (metrics.meterProvider ?? globalProvider()) : undefined;
    KeyspaceTelemetry.#end = provider ? observeClients(provider.getMeter(SCOPE), observedClients) : () => undefined;
  }

  /** @internal */
  static reset(): void {
    KeyspaceTelemetry.#end?.();
    KeyspaceTelemetry.#end = undefined;
  }
}

/** @param from whose `@opentelemetry/api`. */
export function globalProvider(from = __filename): KeyspaceMeterProvider {
  try {
    const api = createRequire(from)('@opentelemetry/api') as { readonly metrics: KeyspaceMeterProvider };
    return api.metrics;
  } catch (cause) {
    throw new KeyspaceError(CODE, '@opentelemetry/api is not installed', { cause });
  }
}
