import { frameEnd } from '../protocol/frame';

type OnMessage = (pattern: Buffer | undefined, channel: Buffer, payload: Buffer) => void;

const RETURN = 0x0d;
const ZERO = 0x30;
/** `>3\r\n$7\r\nmessage\r\n` and `>4\r\n$8\r\npmessage\r\n`: where the next item begins. */
const MESSAGE_HEAD = 17;
const PMESSAGE_HEAD = 18;

/**
 * Takes the messages and the confirmations of (un)subscribing out of a RESP3 stream and leaves everything else,
 * in order and in whole values, to the decoder. A decoder makes of each message an array of four Buffers, which
 * costs more than all that follows; here it is the two Buffers that matter, and the pattern is the same one as
 * long as it does not change. A confirmation only has to be counted.
 */
export class MessageReader {
  readonly #onMessage: OnMessage;
  readonly #onConfirmed: () => void;
  readonly #decode: (bytes: Buffer) => void;
  /** The beginning of a value of which at least `#wanted` bytes are needed to go on. */
  #pieces: Buffer[] = [];
  #held = 0;
  #wanted = 0;
  #pattern: Buffer = Buffer.alloc(0);
  #channelStart = 0;
  #channelEnd = 0;
  #itemStart = 0;
  #itemEnd = 0;

  constructor(onMessage: OnMessage, onConfirmed: () => void, decode: (bytes: Buffer) => void) {
    this.#onMessage = onMessage;
    this.#onConfirmed = onConfirmed;
    this.#decode = decode;
  }

  write(chunk: Buffer): void {
    if (!this.#held) return this.#read(chunk);
    this.#pieces.push(chunk);
    this.#held += chunk.length;
    if (this.#held < this.#wanted) return;
    const bytes = Buffer.concat(this.#pieces);
    this.#held = 0;
    this.#read(bytes);
  }

  #read(bytes: Buffer): void {
    let at = 0;
    /** From here to `at` are values that the decoder has yet to get. */
    let left = 0;
    while (at < bytes.length) {
      const messageEnd = isMessage(bytes, at) ? this.#locate(bytes, at) : -1;
      const ownEnd = messageEnd === -1 ? this.#confirmationEnd(bytes, at) : messageEnd;
      const end = ownEnd === -1 ? frameEnd(bytes, at) : ownEnd;
      if (end > bytes.length) {
        this.#hold(bytes.subarray(at), end - at);
        break;
      }
      if (ownEnd !== -1) {
        if (left < at) this.#decode(bytes.subarray(left, at));
        left = end;
        if (messageEnd === -1) this.#onConfirmed();
        else this.#tell(bytes, at);
      }
      at = end;
    }
    if (left < at) this.#decode(bytes.subarray(left, at));
  }

  #hold(piece: Buffer, wanted: number): void {
    this.#pieces = [piece];
    this.#held = piece.length;
    this.#wanted = wanted;
  }

  #tell(bytes: Buffer, at: number): void {
    const channel = bytes.subarray(this.#channelStart, this.#channelEnd);
    const payload = bytes.subarray(this.#itemStart, this.#itemEnd);
    this.#onMessage(hasPattern(bytes, at) ? this.#pattern : undefined, channel, payload);
  }

  /** @returns the end of the message at `at`, beyond the bytes when they do not hold it; -1 when it is none. */
  #locate(bytes: Buffer, at: number): number {
    let next = at + MESSAGE_HEAD;
    if (hasPattern(bytes, at)) {
      next = this.#item(bytes, at + PMESSAGE_HEAD);
      if (next === -1 || next > bytes.length) return next;
      if (!same(this.#pattern, bytes, this.#itemStart, this.#itemEnd))
        this.#pattern = Buffer.from(bytes.subarray(this.#itemStart, this.#itemEnd));
    }
    next = this.#item(bytes, next);
    if (next === -1 || next > bytes.length) return next;
    this.#channelStart = this.#itemStart;
    this.#channelEnd = this.#itemEnd;
    return this.#item(bytes, next);
  }

  /** As `#locate`, for `>3 <kind> <name> :<count>`. */
  #confirmationEnd(bytes: Buffer, at: number): number {
    const head = confirmationHead(bytes, at);
    if (!head) return -1;
    const next = this.#item(bytes, at + head);
    return next === -1 || next > bytes.length ? next : frameEnd(bytes, next);
  }

  /** Reads `$<length>\r\n<bytes>\r\n`. @returns as `#locate`. */
  #item(bytes: Buffer, at: number): number {
    if (at < bytes.length && bytes[at] !== 0x24 /* $ */) return -1;
    let length = 0;
    let cursor = at + 1;
    for (; cursor < bytes.length && bytes[cursor] !== RETURN; cursor++) {
      const digit = bytes[cursor] - ZERO;
      if (digit < 0 || digit > 9) return -1;
      length = length * 10 + digit;
    }
    if (cursor >= bytes.length) return bytes.length + 1;
    this.#itemStart = cursor + 2;
    this.#itemEnd = this.#itemStart + length;
    return this.#itemEnd + 2;
  }
}

/** `message` and `pmessage` are the only pushes with so many items, a name of that length and that first letter. */
function isMessage(bytes: Buffer, at: number): boolean {
  if (bytes[at] !== 0x3e /* > */ || bytes[at + 2] !== RETURN || bytes[at + 6] !== RETURN) return false;
  if (hasPattern(bytes, at)) return bytes[at + 5] === 0x38 /* 8 */ && bytes[at + 8] === 0x70; /* p */
  return bytes[at + 1] === 0x33 /* 3 */ && bytes[at + 5] === 0x37 /* 7 */ && bytes[at + 8] === 0x6d; /* m */
}

/**
 * Where the name begins when this is `subscribe`, `psubscribe`, `unsubscribe` or `punsubscribe`, otherwise 0. The
 * sharded kinds are as long, but for `subscribe`, and begin with an `s`.
 */
function confirmationHead(bytes: Buffer, at: number): number {
  if (bytes[at] !== 0x3e /* > */ || bytes[at + 1] !== 0x33 /* 3 */ || bytes[at + 2] !== RETURN) return 0;
  if (bytes[at + 5] === 0x39 /* 9 */ && bytes[at + 8] === 0x73 /* s */) return 19;
  const digit = bytes[at + 6] - ZERO;
  return bytes[at + 5] === 0x31 /* 1 */ && digit >= 0 && digit <= 2 && bytes[at + 9] !== 0x73 ? 21 + digit : 0;
}

/** Four items instead of three. */
function hasPattern(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0x34;
}

function same(known: Buffer, bytes: Buffer, start: number, end: number): boolean {
  if (known.length !== end - start) return false;
  for (let index = 0; index < known.length; index++) if (known[index] !== bytes[start + index]) return false;
  return true;
}
