import { Command } from 'commander';
import { urlOf, type Cache } from '../../elasticache/cache';
import { prepareProvision, provision, type PreparedProvision } from '../../elasticache/provision';
import { checkRequest, type ProvisionRequest } from '../../elasticache/provision-plan';
import { UsageError } from '../../errors';
import { GivenOptions, InvalidValue } from '../../given-options';
import type { Io } from '../../io';
import { addOutputOptions } from '../output-options';
import { failure } from './failure';
import { askYesNo } from './question';
import { Report } from './report';
import { addServiceOptions, notEmpty, readGroupName, readLetters, withService } from './service-options';
import { readWait } from './wait-options';

const EXAMPLES = `
Examples:
  $ keyspace elasticache provision --cluster-id sessions                       asks whether to enable notifications
  $ keyspace elasticache provision --cluster-id sessions --auto --wait
  $ keyspace elasticache provision --cluster-id big --num-node-groups 3 --replicas 2 --enable-notifications --dry-run

It costs money from the moment that it is made. It is made in the default VPC unless a subnet group is named.`;

const LIST = /\s*,\s*/;

/** `keyspace elasticache provision`: a new replication group whose nodes have notifications on from their first start. */
export function provisionCommand(io: Io): Command {
  const command = new Command('provision').summary('make a replication group, with notifications on');
  command.description('Makes a replication group whose nodes have notifications on from their first start.');
  command
    .optionsGroup('Cache:')
    .option('--cluster-id <id>', 'of the new replication group')
    .option('--description <text>', 'of it (default: its id)')
    .option('--engine <engine>', 'valkey or redis (default: valkey)')
    .option('--engine-version <version>', 'such as 8.1, or 8 for the latest 8 (default: the choice of AWS)')
    .option('--node-type <type>', 'of every node (default: cache.t4g.micro)')
    .option('--cluster-mode', 'with cluster mode, also of one shard')
    .option('--num-node-groups <number>', 'shards; more than one are with cluster mode (default: 1)')
    .option('--replicas <number>', 'of each shard (default: 1)')
    .option('--no-tls', 'without encryption in transit')
    .option('--subnet-group <name>', 'of a VPC of yours')
    .option('--security-group <id>', 'one or several, as a list with commas')
    .optionsGroup('Notifications:')
    .option('--enable-notifications', 'enable them')
    .option('--no-enable-notifications', 'do not')
    .option('--auto', 'ask nothing: enable them, and take the default for everything else')
    .option('--events <letters>', 'the letters that have to be on (default: KEA)')
    .option('--parameter-group-name <name>', 'the group that is to have them (default: <id>-keyspace)')
    .optionsGroup('How:')
    .option('--dry-run', 'print the exact calls, and make none')
    .option('--wait', 'wait until it is available')
    .option('--wait-timeout <time>', 'how long to wait (default: 30m)')
    .option('--wait-interval <time>', 'between two looks (default: 10s)');
  addServiceOptions(command);
  addOutputOptions(command);
  command.addHelpText('after', EXAMPLES);
  return command.action(async () => runProvision(new GivenOptions(command, io.env), io));
}

async function runProvision(given: GivenOptions, io: Io): Promise<void> {
  const request = readRequest(given, io);
  const version = given.one('engineVersion', parseVersion);
  const report = new Report(given, io);
  const wait = readWait(given, io, report);
  const isEnabled = await wantsNotifications(given, io);
  const useless = given.source('events') ?? given.source('parameterGroupName');
  if (!isEnabled && useless !== undefined) throw new UsageError(`${useless} makes no sense without notifications`);
  const letters = isEnabled ? (given.one('events', readLetters) ?? 'KEA') : undefined;
  await withService(given, io, async service => {
    const prepared = await prepareProvision(service, { ...request, letters }, version);
    const isDry = given.flag('dryRun');
    tellPlan(prepared, { ...request, letters }, isDry, report);
    if (isDry) return prepared.calls.forEach(call => report.call(call));
    const cache = await provision(service, prepared, {
      onCall: call => report.call(call),
      wait: given.flag('wait') && wait
    });
    tellResult(prepared, cache, report);
  });
}

function readRequest(given: GivenOptions, io: Io): ProvisionRequest {
  const id = given.one('clusterId', notEmpty);
  if (id === undefined) throw new UsageError('What is it to be called? Give --cluster-id');
  const nodeGroups = given.one('numNodeGroups', parseCount) ?? 1;
  const request: ProvisionRequest = {
    id: id.toLowerCase(),
    description: given.one('description', notEmpty) ?? id,
    engine: given.one('engine', parseEngine) ?? 'valkey',
    nodeType: given.one('nodeType', notEmpty) ?? 'cache.t4g.micro',
    clusterMode: given.flag('clusterMode') || nodeGroups > 1,
    nodeGroups,
    replicas: given.one('replicas', parseCount) ?? 1,
    tls: !given.flag('noTls'),
    subnetGroup: given.one('subnetGroup', notEmpty),
    securityGroups: given.list('securityGroup', notEmpty, LIST),
    parameterGroupName: given.one('parameterGroupName', readGroupName)
  };
  try {
    checkRequest(request);
  } catch (error) {
    throw failure(error, io);
  }
  return request;
}

async function wantsNotifications(given: GivenOptions, io: Io): Promise<boolean> {
  const [isWanted, isUnwanted] = [given.flag('enableNotifications'), given.flag('noEnableNotifications')];
  if (isWanted && isUnwanted)
    throw new UsageError('--enable-notifications and --no-enable-notifications contradict each other');
  if (isWanted || isUnwanted) return isWanted;
  if (given.flag('auto')) return true;
  if (!io.stdin.isTTY)
    throw new UsageError('Nobody can be asked: give --enable-notifications, --no-enable-notifications or --auto');
  return askYesNo('Enable keyspace notifications?', io);
}

function tellPlan(prepared: PreparedProvision, request: ProvisionRequest, isDry: boolean, report: Report): void {
  const { id, parameterGroup, engineVersion } = prepared;
  const { engine, nodeType, clusterMode, nodeGroups, replicas, letters } = request;
  const nodes = nodeGroups * (1 + replicas);
  report.tell(
    'plan',
    {
      id,
      engine,
      engineVersion,
      nodeType,
      clusterMode,
      nodeGroups,
      replicas,
      parameterGroup,
      value: letters ?? '',
      dryRun: isDry
    },
    `${id}: ${engine} ${engineVersion}, cluster mode ${clusterMode ? 'on' : 'off'}, ${nodes} of ${nodeType}`,
    `notify-keyspace-events in ${parameterGroup}: ${JSON.stringify(letters ?? '')}`,
    ...(isDry ? ['It would call:'] : [])
  );
}

function tellResult({ id, parameterGroup }: PreparedProvision, cache: Cache | undefined, report: Report): void {
  const url = cache?.endpoint && urlOf(cache.endpoint);
  const line =
    url === undefined ? `It is being made: keyspace elasticache verify --cluster-id ${id}` : `Available: ${url}`;
  report.tell('result', { id, parameterGroup, status: cache?.status ?? 'creating', url }, line);
}

function parseEngine(text: string): 'valkey' | 'redis' {
  if (text === 'valkey' || text === 'redis') return text;
  throw new InvalidValue('must be valkey or redis');
}

function parseVersion(text: string): string {
  if (/^\d+(\.\d+)*$/.test(text)) return text;
  throw new InvalidValue('must be a version such as 8.1');
}

function parseCount(text: string): number {
  if (/^\d{1,3}$/.test(text)) return Number(text);
  throw new InvalidValue('must be a whole number');
}
