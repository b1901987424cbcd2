import type {
  IntendedSubscription,
  KeyNotification,
  KeyspaceOptions,
  KeyspaceSubscription,
  KeyspaceWarning
} from 'redis-keyspace';
import { adviceFor, cannotConnect } from '../connection/advice';
import { contact, type Contact } from '../connection/detect';
import { connect, createKeyspaceClient, type KeyspaceClient } from '../connection/keyspace-client';
import { Link } from '../connection/link';
import type { ConnectionSettings } from '../connection/settings';
import { ConnectError, reasonOf } from '../errors';
import { discoverFleet } from '../fleet/discover';
import { unlessAborted } from '../unless-aborted';
import { ErrorDigest } from './error-digest';
import type { EndReason, Happening, Sink, WatchWarning } from './happening';
import { Rates } from './rates';
import type { Until } from './until';

export interface WatchSettings {
  readonly connection: ConnectionSettings;
  readonly intended: IntendedSubscription;
  readonly keyspace: KeyspaceOptions;
  /** Milliseconds between two reports of the rates; undefined for none. */
  readonly rateInterval: number | undefined;
  readonly until: Until | undefined;
}

type Told = Happening extends infer H ? (H extends Happening ? Omit<H, 'time'> : never) : never;

/**
 * Tells what servers say until the signal, or as long as was asked for. Reads only: their configuration too.
 * @throws {ConnectError} nobody answers.
 * @throws {InterruptedError} the signal came before there was a connection.
 */
export async function watch(settings: WatchSettings, sink: Sink, signal: AbortSignal): Promise<void> {
  const found = await unlessAborted(signal, () => contact(settings.connection));
  try {
    if (found.kind === 'sentinel') await unlessAborted(signal, () => tryPrimary(found, settings.connection));
  } finally {
    found.link[Symbol.dispose]();
  }
  const client = createKeyspaceClient(found, settings.connection, settings.keyspace);
  try {
    await unlessAborted(signal, () => connect(client, found, settings.connection));
    await new Watching(client, settings, sink, signal).run(found);
  } finally {
    client.destroy();
  }
}

/**
 * A Sentinel's client tries a primary that does not let it in again and again, and does not tell why.
 * @throws {ConnectError}
 */
async function tryPrimary(found: Contact, connection: ConnectionSettings): Promise<void> {
  const { nodes } = await discoverFleet(found);
  try {
    using _link = await Link.open(nodes[0], connection);
  } catch (error) {
    const reason = reasonOf(error);
    // Any other may be cured by a failover.
    if (adviceFor(reason)) throw new ConnectError(cannotConnect(nodes[0].address, reason), { cause: error });
  }
}

/** One run: from the subscription to its end. */
class Watching {
  readonly #client: KeyspaceClient;
  readonly #settings: WatchSettings;
  readonly #sink: Sink;
  readonly #errors = new ErrorDigest();
  readonly #rates = new Rates(Date.now());
  readonly #ended: Promise<EndReason>;
  #end!: (reason: EndReason) => void;
  #isOver = false;
  #heard = 0;
  #gaps = 0;

  constructor(client: KeyspaceClient, settings: WatchSettings, sink: Sink, signal: AbortSignal) {
    this.#client = client;
    this.#settings = settings;
    this.#sink = sink;
    this.#ended = new Promise(resolve => {
      this.#end = reason => {
        this.#isOver = true;
        resolve(reason);
      };
    });
    const interrupt = () => this.#end('interrupted');
    if (signal.aborted) interrupt();
    else signal.addEventListener('abort', interrupt, { once: true });
    client.on('error', error => this.#onError(error));
    client.keyspace.on('warning', warning => this.#tell({ type: 'warning', warning: watchWarning(warning) }));
  }

  async run({ kind, url, name, otherNames }: Contact): Promise<void> {
    if (otherNames.length) {
      const message = `This Sentinel watches ${otherNames.join(', ')} besides ${name}: --sentinel-name chooses.`;
      this.#tell({ type: 'warning', warning: { code: 'SENTINEL_NAMES', node: url.shown, message } });
    }
    const subscription = await Promise.race([this.#subscribe(), this.#ended]);
    if (typeof subscription === 'string') return this.#finish(subscription);
    this.#follow(subscription);
    const { slots, nodes } = subscription.coverage;
    this.#tell({ type: 'watching', kind, url: url.shown, slots, nodes: [...nodes].sort() });
    const timers = this.#startTimers();
    const reason = await this.#ended;
    timers.forEach(clearInterval);
    await Promise.race([subscription.unsubscribe(), new Promise(resolve => setTimeout(resolve, 1_000).unref())]);
    if (this.#settings.rateInterval !== undefined) this.#tellRates();
    return this.#finish(reason);
  }

  #follow(subscription: KeyspaceSubscription<Buffer>): void {
    subscription.on('gap', gap => {
      this.#gaps++;
      this.#tell({ type: 'gap', gap });
    });
    subscription.on('recovered', gap => {
      this.#errors.forget();
      this.#tell({ type: 'recovered', gap });
    });
    subscription.on('end', () => this.#end('closed'));
    // The first one, what the subscription found, has been told by then.
    this.#client.keyspace.on('topology-change', change => this.#tell({ type: 'topology', change }));
  }

  #startTimers(): NodeJS.Timeout[] {
    const { rateInterval, until } = this.#settings;
    return [
      ...(rateInterval === undefined ? [] : [setInterval(() => this.#tellRates(), rateInterval)]),
      ...(until?.duration === undefined ? [] : [setTimeout(() => this.#end('until'), until.duration)])
    ];
  }

  #subscribe(): Promise<KeyspaceSubscription<Buffer>> {
    const { kind, target = '*', event = '*', options } = this.#settings.intended;
    const listener = (notification: KeyNotification<Buffer>) => this.#onNotification(notification);
    const inBytes = { ...options, bufferMode: true as const };
    switch (kind) {
      case 'keyevent':
        return this.#client.subscribeKeyevent<true>(event, listener, inBytes);
      case 'subkeyspace':
        return this.#client.subscribeSubkeyspace<true>(target, listener, inBytes);
      case 'subkeyevent':
        return this.#client.subscribeSubkeyevent<true>(event, listener, inBytes);
      default:
        return this.#client.subscribeKeyspace<true>(target, listener, inBytes);
    }
  }

  /** What it returns holds back the next one: a slow reader fills our bounded queue, not the memory. */
  #onNotification(notification: KeyNotification<Buffer>): Promise<void> | undefined {
    if (this.#isOver) return undefined;
    this.#heard++;
    this.#rates.add(notification);
    const pending = this.#send({ type: 'notification', notification });
    if (this.#heard === this.#settings.until?.count) this.#end('until');
    return pending;
  }

  #onError(error: Error): void {
    const message = this.#errors.news(error);
    if (message !== undefined) this.#tell({ type: 'error', message });
  }

  #tellRates(): void {
    this.#tell({ type: 'rate', rates: this.#rates.report(Date.now()) });
  }

  async #finish(reason: EndReason): Promise<void> {
    await this.#send({ type: 'end', reason, heard: this.#heard, gaps: this.#gaps });
  }

  /** What is rare need not wait for a slow reader. */
  #tell(told: Told): void {
    void this.#send(told);
  }

  #send(told: Told): Promise<void> | undefined {
    return this.#sink({ ...told, time: new Date() });
  }
}

/** As the library warns, but with the remedy of the command line. */
function watchWarning({ code, node, message, report }: KeyspaceWarning): WatchWarning {
  if (code !== 'KEYSPACE_NOTIFICATIONS_OFF') return { code, node, message };
  const lack = `notify-keyspace-events is "${report.flags}" and lacks "${report.missing}"`;
  return {
    code,
    node,
    message: `${node} (${report.role}) will not say all of it: ${lack}; "keyspace doctor" tells more`
  };
}
