/**
 * What can go wrong, one class for each decision a caller can take.
 * What a server said stays the server's own `ErrorReply`, as `cause`.
 */

/** The base of every error of this package: catch it to tell ours from upstream's. */
export class KeyspaceError extends Error {
  /** A literal that never changes between versions, unlike the message. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** The call was wrong: the message quotes the value that was. Nothing was sent. Fix the call. */
export class KeyspaceArgumentError extends KeyspaceError {
  /** The name of the argument or option that was refused. */
  readonly argument: string;

  constructor(argument: string, expected: string, value: unknown, options?: ErrorOptions) {
    super('KEYSPACE_ARGUMENT', `${argument} must be ${expected}, got ${quote(value)}`, options);
    this.argument = argument;
  }
}

/** A server refused a subscription: an ACL rule, or a command it does not know. Fix the server. */
export class KeyspaceRefusedError extends KeyspaceError {
  /** `host:port` of the server that refused. */
  readonly node: string;
  /** The exact channel or pattern that was refused, as the server saw it (bytes read as UTF-8). */
  readonly channel: string;
  /** The ACL rule that would allow it. */
  readonly rule: string;

  constructor(node: string, channel: string, rule: string, cause: unknown) {
    super(
      'KEYSPACE_REFUSED',
      `${node} refused to subscribe ${quote(channel)}: ${messageOf(cause)}. ` +
        `A pattern must equal an allowed one byte for byte; to grant it: ACL SETUSER <user> ${quote(rule)}`,
      { cause }
    );
    this.node = node;
    this.channel = channel;
    this.rule = rule;
  }
}

/** Some nodes did not confirm in time. Nothing stays subscribed: call again when they are back. */
export class KeyspaceTimeoutError extends KeyspaceError {
  /** `host:port` of each node that did not answer. */
  readonly nodes: readonly string[];

  constructor(what: string, timeout: number, nodes: readonly string[], options?: ErrorOptions) {
    const missing = nodes.length ? nodes.join(', ') : 'a primary for every slot';
    const reason = options?.cause === undefined ? '' : ` (${messageOf(options.cause)})`;
    super('KEYSPACE_TIMEOUT', `${what} waited ${timeout} ms in vain for ${missing}${reason}`, options);
    this.nodes = nodes;
  }
}

/** The subscription, or the client it belongs to, was closed meanwhile. */
export class KeyspaceClosedError extends KeyspaceError {
  constructor(what: string) {
    super('KEYSPACE_CLOSED', `${what} is closed`);
  }
}

/** The servers, or this kind of client, cannot do what was asked. */
export class KeyspaceUnsupportedError extends KeyspaceError {
  constructor(message: string, options?: ErrorOptions) {
    super('KEYSPACE_UNSUPPORTED', message, options);
  }
}

/** The text of whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** A value as a message quotes it: its text, and its type where the text does not show it. */
export function quote(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value);
  if (Buffer.isBuffer(value)) return `Buffer ${JSON.stringify(value.toString())}`;
  if (Array.isArray(value)) return value.length ? `array [${value.map(quote).join(', ')}]` : 'array []';
  if (typeof value === 'object' && value !== null) return `object with ${Object.keys(value).join(', ') || 'no keys'}`;
  return `${typeof value} ${String(value)}`.replace(/^undefined undefined$/, 'undefined');
}
