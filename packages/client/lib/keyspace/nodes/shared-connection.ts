import { forgetListener, tapPushes, wrapMethod, type RedisArgument, type UpstreamClient } from '../../upstream';
import type { ConnectionHandler, NodeConnection } from './connection';

/** When a socket is gone; an `error` of a client in use may be about something else. */
const ENDINGS = ['reconnecting', 'terminated', 'end'] as const;

interface Name {
  readonly argument: string;
  readonly pattern: boolean;
  readonly onConfirmed: () => void;
  /** False until the server has confirmed it. */
  active: boolean;
}

/**
 * Our subscriptions on a client's own connection, for `shareConnection`. They stand in upstream's books like
 * those of the client's user, under the same names: what one of the two unsubscribes the other keeps, and
 * upstream's UNSUBSCRIBE of everything, which counts, still adds up. It takes ours along: the `unsubscribe`
 * that nobody here asked for ends this connection, as a lost socket does, and its owner makes another one.
 */
export class SharedConnection implements NodeConnection {
  readonly #client: UpstreamClient;
  readonly #handler: ConnectionHandler;
  readonly #untap: () => void;
  readonly #unwrap: () => void;
  readonly #names = new Map<string, Name>();
  /** One function each connection, by which upstream tells its subscriptions from others of the same name. */
  readonly #listener = () => undefined;
  readonly #onEnding = () => this.#lose('the connection was closed');
  #closed = false;

  constructor(client: UpstreamClient, handler: ConnectionHandler) {
    this.#client = client;
    this.#handler = handler;
    this.#untap = tapPushes(client, push => this.#onPush(push));
    // RESET unsubscribes without a word.
    const reset = () => this.#lose('the connection that is shared was reset');
    this.#unwrap = wrapMethod(
      client,
      'reset',
      original =>
        function (this: unknown) {
          reset();
          return original.call(this);
        }
    );
    for (const event of ENDINGS) client.on(event, this.#onEnding);
  }

  async subscribe(
    names: readonly Buffer[],
    pattern: boolean,
    onConfirmed: (index: number) => void = () => undefined
  ): Promise<void> {
    const added = names.map((name, index) => this.#add(name, pattern, () => onConfirmed(index)));
    const subscribe = pattern ? this.#client.pSubscribe : this.#client.subscribe;
    try {
      await subscribe.call(
        this.#client,
        added.map(({ argument }) => argument),
        this.#listener,
        true
      );
    } catch (error) {
      for (const name of names) this.#names.delete(idOf(name, pattern));
      throw error;
    }
    // What the client's user had subscribed already is not sent, and so not confirmed again.
    for (const name of added) name.active = true;
  }

  async unsubscribe(names: readonly Buffer[], pattern: boolean): Promise<void> {
    const removed = names.flatMap(name => this.#names.get(idOf(name, pattern)) ?? []);
    for (const name of names) this.#names.delete(idOf(name, pattern));
    await this.#release(removed);
  }

  async ping(): Promise<void> {
    await this.#client.sendCommand(['PING']);
  }

  command<T>(args: readonly RedisArgument[]): Promise<T> {
    return this.#client.sendCommand<T>(args);
  }

  /** The client stays, and the server is told what is over. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    for (const event of ENDINGS) this.#client.off(event, this.#onEnding);
    this.#untap();
    this.#unwrap();
    const names = [...this.#names.values()];
    this.#names.clear();
    if (this.#client.isReady) this.#release(names).catch(() => undefined);
    else for (const { argument, pattern } of names) forgetListener(this.#client, argument, pattern, this.#listener);
  }

  #add(name: Buffer, pattern: boolean, onConfirmed: () => void): Name {
    const added = { argument: toArgument(name), pattern, onConfirmed, active: false };
    this.#names.set(idOf(name, pattern), added);
    return added;
  }

  /** Sends nothing for names that the client's user has subscribed too. */
  async #release(names: readonly Name[]): Promise<void> {
    const channels = names.filter(({ pattern }) => !pattern).map(({ argument }) => argument);
    const patterns = names.filter(({ pattern }) => pattern).map(({ argument }) => argument);
    await Promise.all([
      channels.length ? this.#client.unsubscribe(channels, this.#listener, true) : undefined,
      patterns.length ? this.#client.pUnsubscribe(patterns, this.#listener, true) : undefined
    ]);
  }

  /** Upstream reads all of them too. */
  #onPush(push: unknown[]): boolean {
    const [kind, name, third, fourth] = push as [kind: unknown, ...Buffer[]];
    switch (String(kind)) {
      case 'message':
        this.#handler.message(undefined, name, third);
        break;
      case 'pmessage':
        this.#handler.message(name, third, fourth);
        break;
      case 'subscribe':
      case 'psubscribe':
        this.#onConfirmed(name, String(kind) === 'psubscribe');
        break;
      case 'unsubscribe':
      case 'punsubscribe':
        this.#onUnsubscribed(name, String(kind) === 'punsubscribe');
    }
    return false;
  }

  #onConfirmed(name: Buffer, pattern: boolean): void {
    const confirmed = this.#names.get(idOf(name, pattern));
    if (!confirmed) return;
    confirmed.active = true;
    confirmed.onConfirmed();
  }

  /** Its name is null when there was nothing to unsubscribe. */
  #onUnsubscribed(name: Buffer | null, pattern: boolean): void {
    if (!name || !this.#names.get(idOf(name, pattern))?.active) return;
    this.#lose(`${name.toString()} was unsubscribed on the connection that is shared`);
  }

  #lose(why: string): void {
    if (this.#closed) return;
    this.destroy();
    this.#handler.closed(new Error(why));
  }
}

function idOf(name: Buffer, pattern: boolean): string {
  return (pattern ? 'p' : 'c') + name.toString('latin1');
}

/** The text under which the client's user may have subscribed it, or, where bytes are no text, the bytes. */
function toArgument(name: Buffer): string {
  const text = name.toString();
  return Buffer.from(text).equals(name) ? text : (name as unknown as string);
}
