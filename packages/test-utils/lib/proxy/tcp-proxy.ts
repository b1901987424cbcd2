import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { register, unregister } from '../standalone/running-servers';

/** Where the proxy leads to. */
export interface ProxyTarget {
  readonly host?: string;
  readonly port: number;
}

/** One client's connection and its continuation. */
interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

/**
 * A door of 127.0.0.1 in front of a server, for network faults: it passes bytes
 * on; it stalls, as a network does that loses everything without a word; it cuts.
 */
export class TcpProxy {
  readonly host = '127.0.0.1';
  readonly #target: ProxyTarget;
  readonly #server: Server;
  readonly #pairs = new Set<Pair>();
  #state: 'pass' | 'stall' | 'refuse' = 'pass';

  private constructor(target: ProxyTarget) {
    this.#target = target;
    this.#server = createServer({ allowHalfOpen: true }, client => this.#accept(client));
  }

  /** Listens on a free port of 127.0.0.1. A RedisServer or FakeServer will do as the target. */
  static async start(target: ProxyTarget): Promise<TcpProxy> {
    const proxy = new TcpProxy(target);
    await new Promise<void>((resolve, reject) => {
      proxy.#server.once('error', reject);
      proxy.#server.listen(0, proxy.host, resolve);
    });
    register(proxy);
    return proxy;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  get url(): string {
    return `redis://${this.address}`;
  }

  /** How many connections go through it now. */
  get connections(): number {
    return this.#pairs.size;
  }

  /**
   * Nothing passes any more, in either direction; nobody is told, not even of an
   * end. New connections are accepted and hear nothing. What was sent meanwhile
   * arrives after `resume()`, as TCP would deliver it.
   */
  stall(): void {
    this.#state = 'stall';
    this.#each(socket => socket.pause());
  }

  /** Closes every connection, and each new one as soon as it comes. */
  refuse(): void {
    this.#state = 'refuse';
    this.cut();
  }

  /** Ends `stall()` and `refuse()`. */
  resume(): void {
    this.#state = 'pass';
    this.#each(socket => socket.resume());
    for (const pair of this.#pairs) {
      this.#endIfBroken(pair);
    }
  }

  /** Closes every connection at both ends, now; new ones pass. */
  cut(): void {
    this.#each(socket => socket.destroy());
    this.#pairs.clear();
  }

  /** Closes every connection and the port. */
  async stop(): Promise<void> {
    unregister(this);
    const closed = new Promise(resolve => this.#server.close(resolve));
    this.cut();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop();
  }

  #accept(client: Socket): void {
    if (this.#state === 'refuse') {
      client.destroy();
      return;
    }
    const { host = '127.0.0.1', port } = this.#target;
    const server = connect({ host, port, allowHalfOpen: true });
    const pair = { client, server };
    this.#pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client]
    ]) {
      from.setNoDelay(true);
      from.on('data', bytes => this.#pass(bytes, from, to));
      from.on('end', () => to.end());
      from.on('error', () => undefined);
      from.on('close', () => this.#endIfBroken(pair));
    }
    if (this.#state === 'stall') {
      this.#each(socket => socket.pause());
    }
  }

  /** A reader who is slow slows the writer down, as without a proxy. */
  #pass(bytes: Buffer, from: Socket, to: Socket): void {
    if (!to.write(bytes)) {
      from.pause();
      to.once('drain', () => this.#state !== 'stall' && from.resume());
    }
  }

  /** A reset at one end reaches the other; while stalled it waits. */
  #endIfBroken(pair: Pair): void {
    const { client, server } = pair;
    if (this.#state !== 'stall' && (client.destroyed || server.destroyed)) {
      client.destroySoon();
      server.destroySoon();
      this.#pairs.delete(pair);
    }
  }

  #each(action: (socket: Socket) => void): void {
    for (const { client, server } of this.#pairs) {
      action(client);
      action(server);
    }
  }
}
