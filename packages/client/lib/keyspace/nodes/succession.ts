import { makeDeferred } from './deferred';
import { Echo } from './echo';
import type { Node } from './handover';
import type { PrimaryWord } from './primary-words';
import { parseReplicationPoint, REPLICATION_QUESTION, type ReplicationPoint } from './replication-point';

/** So many words of a new primary are kept until all is subscribed. */
const MOST_FORETOLD = 50_000;

/** What one connection shows of its node being a replica, or becoming one, or a primary. */
export class Succession {
  /** What it said as a new primary that a replica calls otherwise, from its first moment on if it foretells. */
  readonly foretold: PrimaryWord[] = [];
  /** It was subscribed to that when it was a replica. */
  isForetelling = false;
  /** What it says as a replica, of late. */
  readonly echo = new Echo();
  /** Resolves when it is known to be a replica; rejects when it is closed. */
  readonly demotion = makeDeferred<void>();
  /** How far it was as a replica, when it was last asked as one. */
  asReplica: ReplicationPoint | undefined;
  /** How far it was when all was subscribed, and what it had foretold by then. */
  readonly subscription = makeDeferred<{ point: ReplicationPoint; foretold: readonly PrimaryWord[] }>();
  readonly #node: Node;

  constructor(node: Node) {
    this.#node = node;
  }

  /** It is a replica. */
  lookAsReplica(): void {
    this.position().then(
      point => {
        if (point.isReplica) this.asReplica = point;
      },
      () => undefined
    );
  }

  demoted(): void {
    this.demotion.resolve();
    this.lookAsReplica();
  }

  foretell(word: PrimaryWord): void {
    if (this.foretold.length < MOST_FORETOLD) this.foretold.push(word);
    else this.isForetelling = false;
  }

  /** All is subscribed. */
  async subscribed(): Promise<void> {
    let said = 0;
    await this.position(() => (said = this.foretold.length)).then(
      point => this.subscription.resolve({ point, foretold: this.foretold.slice(0, said) }),
      (error: Error) => this.subscription.reject(error)
    );
  }

  /**
   * How far it is.
   * @param onPlace called where that is true, in the order of the messages.
   * @throws what the server answers, or when the connection is lost.
   */
  async position(onPlace: () => void = () => undefined): Promise<ReplicationPoint> {
    const passed = makeDeferred<void>();
    const answer = await this.#node.ask<unknown>(REPLICATION_QUESTION, {
      before: () => undefined,
      after: () => {
        onPlace();
        passed.resolve();
      }
    });
    await passed.promise;
    return parseReplicationPoint(String(answer));
  }

  /** It is the owner now: what was kept to bring that about is of no use any more. */
  clear(): void {
    this.echo.clear();
    this.foretold.length = 0;
  }

  /** The connection is gone. */
  close(): void {
    const error = new Error(`${this.#node.address} is not connected`);
    this.demotion.reject(error);
    this.subscription.reject(error);
  }
}
