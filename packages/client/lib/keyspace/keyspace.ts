import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { GapListener } from './delivery/gap';
import { StreamSubscription } from './delivery/stream';
import { Subscription, type KeyspaceCoverage, type SubscriptionOwner } from './delivery/subscription';
import type { Front } from './front';
import { Coordinator } from './nodes/coordinator';
import type { Node } from './nodes/handover';
import { NotifyInspector, type KeyspaceWarning } from './nodes/notify-inspector';
import type { NodeNotifyReport } from './nodes/notify-config';
import type { LostReason, ReadyReason } from './nodes/roll';
import { statusOf, type KeyspaceStatus } from './nodes/status';
import { resolveKeyspaceOptions, type KeyspaceOptions, type ResolvedKeyspaceOptions } from './options';
import { rescan, type RescanHost } from './rescan/rescan';
import { KeyspaceClosedError, KeyspaceUnsupportedError } from './errors';
import type { Topology } from './plan/topology';
import type { NotificationKind } from './protocol';
import { parseCall, parseUnsubscribe, requireListener, type CallTargets } from './subscribe-call';
import { isFollowed, notificationTap, publish } from './telemetry/channels';
import type { KeyspaceEvents } from './telemetry/events';
import { observedClients, type ObservedClient } from './telemetry/observed-clients';
import { topologyChange } from './telemetry/topology-change';

/** `client.keyspace`: what concerns all keyspace subscriptions of one client together. */
export class KeyspaceNotifications extends EventEmitter<KeyspaceEvents> {
  readonly #front: Front;
  readonly #options: ResolvedKeyspaceOptions;
  readonly #coordinator: Coordinator;
  readonly #inspector: NotifyInspector;
  readonly #owner: SubscriptionOwner;
  readonly #observed: ObservedClient;
  /** How often it was closed: what is being subscribed meanwhile is given up. */
  #closed = 0;

  /** @internal */
  constructor(front: Front, options?: KeyspaceOptions) {
    super();
    this.#front = front;
    this.#options = resolveKeyspaceOptions(options);
    if (this.#options.standby && front.kind !== 'cluster')
      throw new KeyspaceUnsupportedError(
        'standby: true is for clusters: only their replicas show when they are promoted'
      );
    if (this.#options.shareConnection && front.kind !== 'client') {
      throw new KeyspaceUnsupportedError(`shareConnection: true is for a single client, not for a ${front.kind}`);
    }
    this.#inspector = new NotifyInspector(front, this.#options.notifyKeyspaceEvents, warning => this.#warn(warning));
    this.#coordinator = new Coordinator(this.#host(), this.#observer(), { ...this.#options, now: Date.now, backoff });
    this.#observed = {
      clientId: front.clientId ?? `${front.kind}-${randomBytes(4).toString('hex')}`,
      status: () => this.status(),
      counts: () => this.#coordinator.tally.byAddress
    };
    this.#owner = {
      tap: notificationTap(this.#observed.clientId),
      givenUp: node => this.#coordinator.tally.of(node).dropped++,
      unsubscribe: subscription => this.#coordinator.unsubscribe(subscription),
      fence: () => this.#coordinator.fence(),
      rescan: (subscription, call) => rescan(subscription, call, this.#rescanHost()),
      coverage: (subscription): KeyspaceCoverage => this.#coordinator.coverage(subscription),
      report: error => this.#report(error)
    };
  }

  /** What is connected, heard and in doubt at the moment. */
  status(): KeyspaceStatus {
    return statusOf(this.#coordinator);
  }

  /**
   * Asks every node, replicas included since they may be promoted, which notifications are on, and compares
   * with what the present subscriptions need. A refused CONFIG is reported as unknown, with a hint.
   */
  async check(): Promise<readonly NodeNotifyReport[]> {
    return this.#inspectAll('check');
  }

  /** Adds exactly what is missing on every node, replicas included, and never takes anything away. */
  async enable(): Promise<readonly NodeNotifyReport[]> {
    return this.#inspectAll('enable');
  }

  /**
   * Resolves when every notification caused by a write that was acknowledged before the call has been handed
   * to every listener, or to the iterators' queues.
   * @throws {KeyspaceTimeoutError} a node did not answer within `subscribeTimeout`.
   */
  async fence(): Promise<void> {
    await this.#coordinator.fence();
    await Promise.all([...this.#coordinator.established].map(subscription => subscription.outbox.handedOver()));
  }

  /** Ends every subscription and closes every connection; the client itself stays as it is. */
  close(): void {
    this.#closed++;
    observedClients.delete(this.#observed);
    this.#coordinator.close();
    this.#inspector.reset();
  }

  /** @internal What the `subscribe…` methods of the client do. */
  async subscribe(kind: NotificationKind, targets: CallTargets, rest: readonly unknown[]): Promise<Subscription> {
    this.#front.assertOpen();
    const closed = this.#closed;
    await this.#front.learn?.();
    const settings = parseCall(kind, targets, rest, this.#front);
    settings.abortSignal?.throwIfAborted();
    await this.#front.prepare(settings.interest.databases.filter(database => database !== 'all'));
    // Closed while it was asked: then nothing may be opened any more.
    this.#front.assertOpen();
    if (closed !== this.#closed) throw new KeyspaceClosedError('the client');
    settings.abortSignal?.throwIfAborted();
    observedClients.add(this.#observed);
    const make = settings.listener ? Subscription : StreamSubscription;
    const subscription = new make(settings, this.#owner);
    await this.#coordinator.subscribe(subscription);
    await this.#inspector.onSubscribed(this.#coordinator);
    this.#bindSignal(subscription);
    // The caller holds the handle before its listener is called for the first time.
    setImmediate(() => subscription.outbox.start());
    return subscription;
  }

  /** @internal As upstream's unsubscribe: without arguments all of the kind. */
  async unsubscribe(kind: NotificationKind, target?: unknown, listener?: unknown): Promise<void> {
    const targets = parseUnsubscribe(kind, target);
    requireListener(listener);
    const subscriptions = [...this.#coordinator.established].filter(({ settings }) => {
      return settings.interest.kind === kind && (listener === undefined || settings.listener === listener);
    });
    await Promise.all(
      subscriptions.map(subscription =>
        targets ? this.#coordinator.unsubscribe(subscription, targets) : subscription.unsubscribe()
      )
    );
  }

  async #inspectAll(mode: 'check' | 'enable'): Promise<readonly NodeNotifyReport[]> {
    this.#front.assertOpen();
    await this.#front.learn?.();
    await this.#front.prepare([]);
    const topology =
      this.#coordinator.topology ??
      (await this.#front.look({ current: undefined, hinted: new Set(), nodes: new Map() }));
    return this.#inspector.inspectAll(topology, this.#coordinator, mode);
  }

  #bindSignal(subscription: Subscription): void {
    const { abortSignal } = subscription.settings;
    if (!abortSignal) return;
    const abort = () => void subscription.unsubscribe();
    if (abortSignal.aborted) return abort();
    abortSignal.addEventListener('abort', abort, { once: true });
    subscription.once('end', () => abortSignal.removeEventListener('abort', abort));
  }

  #host() {
    return {
      look: (context: Parameters<Front['look']>[0]) => this.#front.look(context),
      watch: (hint: () => void) => this.#front.watch?.(hint) ?? (() => undefined),
      connect: this.#front.connect,
      onConnected: (node: Node) => this.#inspector.onConnected(node, this.#coordinator),
      onReady: ({ address, node: { role } }: Node, reason: ReadyReason) =>
        this.#emit('node-ready', { node: address, role, reason }),
      onLost: ({ address, node: { role }, lastError }: Node, reason: LostReason) =>
        this.#emit('node-lost', { node: address, role, reason, error: lastError }),
      onTopology: (topology: Topology, previous: Topology | undefined) => this.#onTopology(topology, previous)
    };
  }

  #rescanHost(): RescanHost {
    const { subscribeTimeout, heartbeatTimeout } = this.#options;
    return {
      look: async () => {
        await this.#coordinator.refresh();
        return this.#coordinator.topology;
      },
      open: (node, signal) => this.#front.openForScan(node, signal, heartbeatTimeout),
      isMonitored: this.#front.kind === 'sentinel',
      timeout: subscribeTimeout,
      now: Date.now
    };
  }

  #observer(): GapListener {
    return { openGap: gap => this.#emit('gap', gap), closeGap: gap => this.#emit('recovered', gap) };
  }

  #onTopology(topology: Topology, previous: Topology | undefined): void {
    this.#front.onTopology?.();
    void this.#inspector.onTopology(topology, this.#coordinator);
    if (!this.listenerCount('topology-change') && !isFollowed('topology-change')) return;
    this.#emit('topology-change', topologyChange(previous, topology));
  }

  #warn(warning: KeyspaceWarning): void {
    if (!this.listenerCount('warning')) {
      process.emitWarning(warning.message, { type: 'KeyspaceWarning', code: warning.code });
    }
    this.#emit('warning', warning);
  }

  /** Later, so that an exception of a missing or failing `error` listener cannot stop our bookkeeping. */
  #report(error: unknown): void {
    process.nextTick(() => this.#front.reportError(error));
  }

  #emit<E extends keyof KeyspaceEvents>(event: E, told: KeyspaceEvents[E][0]): void {
    publish(event, this.#observed.clientId, told);
    try {
      (this.emit as (event: E, told: KeyspaceEvents[E][0]) => boolean).call(this, event, told);
    } catch (error) {
      this.#report(error);
    }
  }
}

/** 50 ms, doubled up to 1 s, and up to a fifth more so that many clients do not come at once. */
function backoff(attempt: number): number {
  const delay = Math.min(25 * 2 ** attempt, 1_000);
  return delay + Math.floor((Math.random() * delay) / 5);
}
