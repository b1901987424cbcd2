import { createServer } from 'node:net';
import { randomInt } from 'node:crypto';
import { WaitTimeoutError } from '../errors';

/** A cluster's nodes talk to each other on the port 10,000 above the clients' one. */
export const BUS_OFFSET = 10_000;

/** Both ranges, of ports and of bus ports, end below 32768, where Linux begins to lend ports to outgoing connections. */
const FIRST = 11_000;
const LAST = 21_999;
const ATTEMPTS = 200;

const reserved = new Set<number>();

/**
 * A port of 127.0.0.1 that is free, as is its bus port. It stays reserved in
 * this process until released; another process may still be faster to bind it,
 * so whoever binds must be ready to ask again.
 */
export async function reservePort(): Promise<number> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = randomInt(FIRST, LAST + 1);
    if ([port, port - BUS_OFFSET, port + BUS_OFFSET].some(other => reserved.has(other))) {
      continue;
    }
    reserved.add(port);
    if ((await isFree(port)) && (await isFree(port + BUS_OFFSET))) {
      return port;
    }
    reserved.delete(port);
  }
  throw new WaitTimeoutError(`No free port between ${FIRST} and ${LAST} in ${ATTEMPTS} attempts`);
}

/** Gives a port back. */
export function releasePort(port: number): void {
  reserved.delete(port);
}

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}
