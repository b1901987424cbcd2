import { connect } from 'node:net';
import type { CacheEndpoint } from './cache';

/** Whether anybody answers there: from outside of its VPC nobody does. */
export function isReachable({ host, port }: CacheEndpoint, timeout = 3_000): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect({ host, port, timeout });
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => end(true));
    socket.once('timeout', () => end(false));
    socket.once('error', () => end(false));
  });
}
