import type { Command } from 'commander';
import { problemOfLetters } from '../../elasticache/flags';
import type { Wanted } from '../../elasticache/locate';
import { problemOfGroupName } from '../../elasticache/parameter-group';
import { Service } from '../../elasticache/service';
import type { Where } from '../../elasticache/service-call';
import { UsageError } from '../../errors';
import { InvalidValue, type GivenOptions, type Parse } from '../../given-options';
import type { Io } from '../../io';
import { failure } from './failure';

/** Adds which AWS to ask; what is not given is found as the AWS CLI finds it. */
export function addServiceOptions(command: Command): Command {
  return command
    .optionsGroup('AWS:')
    .option('--region <region>', 'such as eu-central-1 (default: AWS_REGION, or that of the profile)')
    .option('--profile <name>', 'of ~/.aws (default: AWS_PROFILE, or the credentials of the machine)')
    .option('--endpoint-url <url>', 'of a VPC endpoint or an emulator (default: of the region)');
}

/** Adds which cache is meant. */
export function addCacheOptions(command: Command): Command {
  return command
    .optionsGroup('Cache:')
    .option('--cluster-id <id>', 'of a replication group, one of its members, or a cache cluster')
    .option('--host <host>', 'instead: a host that clients connect to, which is looked up');
}

/** @throws {UsageError} unless exactly one of the two is given */
export function readWanted(given: GivenOptions): Wanted {
  const [id, host] = [given.one('clusterId', notEmpty), given.one('host', notEmpty)];
  if (id !== undefined && host !== undefined)
    throw new UsageError(`${given.source('clusterId')} and ${given.source('host')} cannot be given together`);
  if (id !== undefined) return { id };
  if (host !== undefined) return { host };
  throw new UsageError('Which cache? Give --cluster-id or --host');
}

/** Which AWS is meant, as the command line has it. */
export function readWhere(given: GivenOptions): Where {
  return {
    region: given.one('region', notEmpty),
    profile: given.one('profile', notEmpty),
    endpointUrl: given.one('endpointUrl', parseEndpoint)
  };
}

/** Opens the service for the time of the body; errors come as the command ends with them. */
export async function withService(
  given: GivenOptions,
  io: Io,
  body: (service: Service) => Promise<void>
): Promise<void> {
  const where = readWhere(given);
  let service: Service | undefined;
  try {
    service = await Service.open({ ...where, abortSignal: io.signal });
    await body(service);
  } catch (error) {
    throw failure(error, io);
  } finally {
    service?.close();
  }
}

export function notEmpty(text: string): string {
  if (!text) throw new InvalidValue('must not be empty');
  return text;
}

/** The letters of `--events`. */
export const readLetters = unlessWrong(problemOfLetters);

/** The name of `--parameter-group-name`. */
export const readGroupName = unlessWrong(problemOfGroupName);

function unlessWrong(problemOf: (text: string) => string | undefined): Parse<string> {
  return text => {
    const problem = problemOf(text);
    if (problem !== undefined) throw new InvalidValue(problem);
    return text;
  };
}

function parseEndpoint(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text;
  throw new InvalidValue('must be a URL with http or https');
}
