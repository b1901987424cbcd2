import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * The helper that outlives us. It reads `+pid` and `-pid` from its standard
 * input; when that ends, whatever ended us (Ctrl-C, SIGKILL, a crash), it kills
 * the processes that are left and removes the folder. It leads a session of its
 * own, so that a Ctrl-C in the terminal does not reach it.
 */
const HELPER = `
trap '' INT TERM HUP
pids=' '
while read -r line; do
  pid="\${line#?}"
  case "$line" in
    +*) pids="$pids$pid " ;;
    -*) case "$pids" in *" $pid "*) pids="\${pids%% $pid *} \${pids#* $pid }" ;; esac ;;
  esac
done
for pid in $pids; do kill -KILL "$pid" 2>/dev/null; done
for attempt in 1 2 3 4 5; do rm -rf "$1" && break; sleep 0.2; done
`;

/** The one place that knows every process and file that this process has started and made. */
class Reaper {
  readonly #pids = new Set<number>();
  #folder: string | undefined;
  #helper: ChildProcess | undefined;

  /** The folder of all temporary files. It goes when this process goes. */
  get folder(): string {
    if (this.#folder === undefined) {
      this.#folder = mkdtempSync(join(tmpdir(), 'redis-keyspace-test-'));
      this.#startHelper(this.#folder);
      process.once('exit', () => this.#reap());
    }
    return this.#folder;
  }

  /** A new empty folder below. */
  makeFolder(prefix: string): string {
    return mkdtempSync(join(this.folder, `${prefix}-`));
  }

  /** From now on this process does not outlive us. */
  add(pid: number): void {
    this.#pids.add(pid);
    this.#tell(`+${pid}`);
  }

  /** It has ended: its id may soon be somebody else's. */
  delete(pid: number): void {
    this.#pids.delete(pid);
    this.#tell(`-${pid}`);
  }

  #startHelper(folder: string): void {
    const helper = spawn('/bin/sh', ['-c', HELPER, 'reaper', folder], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore']
    });
    helper.on('error', () => undefined);
    helper.stdin.on('error', () => undefined);
    helper.unref();
    (helper.stdin as unknown as { unref(): void }).unref();
    this.#helper = helper;
  }

  #tell(line: string): void {
    this.#helper?.stdin?.write(`${line}\n`);
  }

  #reap(): void {
    for (const pid of this.#pids) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended by itself.
      }
    }
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** The reaper of this process. */
export const reaper = new Reaper();
