import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { encodeReply, push, type Reply } from './reply';

/** One client's connection to the scripted server, as the server holds it. */
export class FakeConnection {
  readonly id: number;
  readonly socket: Socket;
  /** Set by HELLO. */
  protocol: 2 | 3 = 2;
  /** What the default replies hold as subscribed: 'psubscribe __key*', names as latin1. */
  readonly channels = new Set<string>();
  /** Bytes to a TCP segment; every write is cut so. @default undefined, whole */
  chunkSize: number | undefined;
  #isSilent = false;
  #written: Promise<unknown> = Promise.resolve();

  constructor(id: number, socket: Socket) {
    this.id = id;
    this.socket = socket;
    socket.setNoDelay(true);
  }

  get isOpen(): boolean {
    return !this.socket.destroyed;
  }

  /** Whether `silence()` is in force. */
  get isSilent(): boolean {
    return this.#isSilent;
  }

  /** Sends a reply, in the protocol that the client has chosen. */
  reply(reply: Reply): void {
    this.write(encodeReply(reply, this.protocol));
  }

  /** Sends an out-of-band message. */
  push(...items: readonly Reply[]): void {
    this.reply(push(...items));
  }

  /** Sends what a server sends to a subscriber of the channel. */
  message(channel: string | Buffer, payload: string | Buffer): void {
    this.push('message', channel, payload);
  }

  /** Sends what a server sends to a subscriber of the pattern. */
  pmessage(pattern: string | Buffer, channel: string | Buffer, payload: string | Buffer): void {
    this.push('pmessage', pattern, channel, payload);
  }

  /** Sends bytes as they are; silence swallows them. */
  write(bytes: string | Buffer): void {
    if (this.#isSilent || !this.isOpen) {
      return;
    }
    const all = Buffer.from(bytes as string);
    if (this.chunkSize === undefined) {
      this.#written = this.#written.then(() => this.isOpen && this.socket.write(all));
      return;
    }
    const size = this.chunkSize;
    this.#written = this.#written.then(async () => {
      for (let offset = 0; offset < all.length && this.isOpen; offset += size) {
        this.socket.write(all.subarray(offset, offset + size));
        await nextTurn();
      }
    });
  }

  /** Resolves when all that was sent so far has been handed to the kernel. */
  async flushed(): Promise<void> {
    await this.#written;
  }

  /** From now on it reads nothing: the client's bytes pile up, as with a hung server. */
  stall(): void {
    this.socket.pause();
  }

  /** From now on it reads and records, but sends nothing, pushes included. */
  silence(): void {
    this.#isSilent = true;
  }

  /** Ends `stall()` and `silence()`; what silence swallowed stays lost. */
  resume(): void {
    this.#isSilent = false;
    this.socket.resume();
  }

  /** Closes it at once; what was sent before is delivered. */
  cut(): void {
    void this.#written.finally(() => this.socket.destroySoon());
  }

  /** Closes it with a reset: the client sees ECONNRESET. */
  reset(): void {
    this.socket.resetAndDestroy();
  }
}
