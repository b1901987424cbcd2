import type { WaitOptions } from '../../elasticache/wait';
import type { GivenOptions } from '../../given-options';
import type { Io } from '../../io';
import { parseDuration } from '../../text/duration';
import type { Report } from './report';

/** How to wait, as the command line has it. */
export function readWait(given: GivenOptions, { signal }: Io, report: Report): WaitOptions {
  return {
    interval: given.one('waitInterval', parseDuration),
    timeout: given.one('waitTimeout', parseDuration),
    abortSignal: signal,
    onStatus: status => report.status(status)
  };
}
