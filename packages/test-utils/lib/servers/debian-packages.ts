import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DEBIAN_KEYRING, debianMirrors } from './debian-mirror';
import { probeVersion } from './probe';
import type { ServerRecord } from './server-binary';
import { fits, type WantedServer } from './wanted-server';

/**
 * Fetches a server as Debian packages with all their libraries into a private
 * folder. Nothing of the system is touched: apt gets its own state, cache and
 * source list, and the archives are unpacked, never installed. The server runs
 * through the loader among those libraries, so it does not mind how old or new
 * the machine's own are. Works as root and as an ordinary user.
 */
export function fetchDebianServer(wanted: WantedServer, cache: string): ServerRecord {
  const kept = readRoot(wanted, join(cache, wanted.id));
  if (kept) {
    return kept;
  }
  const mirrors = existsSync(DEBIAN_KEYRING) ? debianMirrors() : [];
  if (mirrors.length === 0) {
    throw new Error('the apt configuration of this machine names no Debian archive');
  }
  let failure: unknown;
  for (const mirror of mirrors) {
    const work = mkdtempSync(join(cache, `.fetch-${wanted.id}-`));
    try {
      return fetchFrom(mirror, wanted, cache, work);
    } catch (error) {
      failure = error;
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  throw failure;
}

function fetchFrom(mirror: string, wanted: WantedServer, cache: string, work: string): ServerRecord {
  const config = prepareApt(mirror, wanted.suites, work);
  run('apt-get', ['-c', config, '-q', 'update']);
  downloadFirst(wanted.packages, config);
  const root = join(work, 'root');
  mkdirSync(root);
  const archives = join(work, 'cache', 'archives');
  for (const name of readdirSync(archives).filter(file => file.endsWith('.deb'))) {
    run('dpkg-deb', ['-x', join(archives, name), root]);
  }
  if (!readRoot(wanted, root)) {
    throw new Error(
      `the packages ${wanted.packages.join(', ')} of ${wanted.suites.join(', ')} hold no ${wanted.id} that runs here`
    );
  }
  const home = join(cache, wanted.id);
  rmSync(home, { recursive: true, force: true });
  renameSync(root, home);
  return readRoot(wanted, home)!;
}

function prepareApt(mirror: string, suites: readonly string[], work: string): string {
  for (const folder of ['state/lists/partial', 'cache/archives/partial', 'parts']) {
    mkdirSync(join(work, folder), { recursive: true });
  }
  writeFileSync(join(work, 'status'), '');
  const list = suites.map(suite => `deb [signed-by=${DEBIAN_KEYRING}] ${mirror} ${suite} main\n`);
  writeFileSync(join(work, 'sources.list'), list.join(''));
  const config = join(work, 'apt.conf');
  writeFileSync(config, aptConfig(work));
  return config;
}

/** Read after the system's own configuration, whose proxy settings stay in force. */
function aptConfig(work: string): string {
  return `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::State "${work}/state";
Dir::State::status "${work}/status";
Dir::Cache "${work}/cache";
Dir::Etc::sourcelist "${work}/sources.list";
Dir::Etc::sourceparts "${work}/parts";
Dir::Etc::preferences "${work}/preferences";
Dir::Etc::preferencesparts "${work}/parts";
Dir::Log "${work}";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Get::List-Cleanup "false";
APT::Keep-Downloaded-Packages "true";
Acquire::http::Timeout "15";
Acquire::https::Timeout "15";
Acquire::Retries "2";
Acquire::Languages "none";
Acquire::Check-Valid-Until "false";
`;
}

function downloadFirst(packages: readonly string[], config: string): void {
  let failure: unknown;
  for (const name of packages) {
    try {
      run('apt-get', ['-c', config, '-q', '-y', '--download-only', 'install', name]);
      return;
    } catch (error) {
      failure = error;
    }
  }
  throw failure;
}

function readRoot(wanted: WantedServer, root: string): ServerRecord | undefined {
  const binary = join(root, 'usr', 'bin', `${wanted.product}-server`);
  const libraries = ['usr/lib', 'lib'].flatMap(folder => multiarch(join(root, folder)));
  const loader = ['usr/lib64', 'lib64', 'usr/lib', 'lib']
    .map(folder => join(root, folder))
    .concat(libraries)
    .flatMap(folder =>
      list(folder)
        .filter(name => /^ld-linux.*\.so\.\d+$/.test(name))
        .map(name => join(folder, name))
    )
    .find(path => existsSync(path));
  if (!loader || !existsSync(binary)) {
    return undefined;
  }
  const command = [loader, '--library-path', libraries.join(':'), binary];
  const found = probeVersion(command);
  return found && fits(wanted, found) ? { ...found, command, source: 'debian' } : undefined;
}

function multiarch(folder: string): string[] {
  return list(folder)
    .filter(name => name.includes('-linux-gnu'))
    .map(name => join(folder, name));
}

function list(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder) : [];
}

function run(file: string, args: readonly string[]): void {
  const { status, error, stderr } = spawnSync(file, args, {
    encoding: 'utf8',
    timeout: 240_000,
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' },
    maxBuffer: 16 * 1024 * 1024
  });
  if (error || status !== 0) {
    const lines = (error?.message ?? stderr).split('\n').filter(line => /^E:|./.test(line));
    throw new Error(`${file} failed: ${lines.slice(-3).join(' ').trim() || `exit status ${status}`}`);
  }
}
