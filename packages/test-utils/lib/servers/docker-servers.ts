import { spawnSync } from 'node:child_process';
import { tmpdir, userInfo } from 'node:os';
import { probeVersion } from './probe';
import type { ServerRecord } from './server-binary';
import { fits, type WantedServer } from './wanted-server';

/** Whether a docker daemon answers on this machine. */
export function hasDocker(): boolean {
  return spawnSync('docker', ['info'], { stdio: 'ignore', timeout: 15_000 }).status === 0;
}

/**
 * A server of an image. It shares the machine's network, process ids and
 * temporary folder, and runs as the user who asks, so that it can be reached,
 * hung and killed like any other process. Linux only.
 */
export function findDockerServer(wanted: WantedServer): ServerRecord | undefined {
  const { uid, gid } = userInfo();
  const share = `${tmpdir()}:${tmpdir()}`;
  const command = [
    ...['docker', 'run', '--rm', '--network', 'host', '--pid', 'host'],
    ...['--user', `${uid}:${gid}`, '--volume', share],
    ...['--entrypoint', `${wanted.product}-server`, wanted.image]
  ];
  const found = probeVersion(command);
  return found && fits(wanted, found) ? { ...found, command, source: 'docker' } : undefined;
}
