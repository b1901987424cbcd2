/**
 * A reply of the scripted server. Plain values stand for what is usual: a string
 * or Buffer is a bulk string, a whole number an integer, null a null, an array
 * an array, a Map a map. The functions below make the rest.
 */
export type Reply = string | Buffer | number | boolean | null | Map<Reply, Reply> | readonly Reply[] | TypedReply;

/** A reply with its type said. */
export interface TypedReply {
  readonly type: 'simple' | 'error' | 'push' | 'double' | 'raw';
  readonly value: string | Buffer | number | readonly Reply[];
}

/** What a script returns when the server shall say nothing, or when it has replied by itself. */
export const NO_REPLY = Symbol('no reply');

/** `+OK`. */
export const simple = (value: string): TypedReply => ({ type: 'simple', value });

/** `-ERR …`. */
export const error = (value: string): TypedReply => ({ type: 'error', value });

/** An out-of-band message: a push in RESP3, an array in RESP2. */
export const push = (...value: readonly Reply[]): TypedReply => ({ type: 'push', value });

/** A double: a bulk string in RESP2. */
export const double = (value: number): TypedReply => ({ type: 'double', value });

/** Exactly these bytes, well-formed or not. */
export const raw = (value: string | Buffer): TypedReply => ({ type: 'raw', value });

/** The bytes of a reply in one of the two protocols. */
export function encodeReply(reply: Reply, protocol: 2 | 3): Buffer {
  if (reply === null) {
    return Buffer.from(protocol === 3 ? '_\r\n' : '$-1\r\n');
  }
  if (typeof reply === 'number') {
    return Number.isInteger(reply) ? Buffer.from(`:${reply}\r\n`) : encodeReply(double(reply), protocol);
  }
  if (typeof reply === 'boolean') {
    return Buffer.from(protocol === 3 ? `#${reply ? 't' : 'f'}\r\n` : `:${Number(reply)}\r\n`);
  }
  if (typeof reply === 'string' || Buffer.isBuffer(reply)) {
    const bytes = Buffer.from(reply as string);
    return Buffer.concat([Buffer.from(`$${bytes.length}\r\n`), bytes, Buffer.from('\r\n')]);
  }
  if (reply instanceof Map) {
    const items = [...reply].flat();
    return encodeItems(protocol === 3 ? `%${reply.size}` : `*${items.length}`, items, protocol);
  }
  if (isList(reply)) {
    return encodeItems(`*${reply.length}`, reply, protocol);
  }
  return encodeTyped(reply, protocol);
}

function encodeTyped({ type, value }: TypedReply, protocol: 2 | 3): Buffer {
  switch (type) {
    case 'simple':
      return Buffer.from(`+${String(value)}\r\n`);
    case 'error':
      return Buffer.from(`-${String(value)}\r\n`);
    case 'double':
      return protocol === 3 ? Buffer.from(`,${String(value)}\r\n`) : encodeReply(String(value), protocol);
    case 'raw':
      return Buffer.from(value as string);
    case 'push': {
      const items = value as readonly Reply[];
      return encodeItems(`${protocol === 3 ? '>' : '*'}${items.length}`, items, protocol);
    }
  }
}

function encodeItems(header: string, items: readonly Reply[], protocol: 2 | 3): Buffer {
  return Buffer.concat([Buffer.from(`${header}\r\n`), ...items.map(item => encodeReply(item, protocol))]);
}

function isList(reply: object): reply is readonly Reply[] {
  return Array.isArray(reply);
}
