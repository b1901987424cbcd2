import { ErrorReply } from '../../upstream';

/** A node that can be asked. */
interface Asked {
  command<T>(args: readonly (string | Buffer)[]): Promise<T>;
}

/**
 * Has a node given this key away by MIGRATE? It then redirects whoever asks for it, by ASK or by MOVED, and the
 * node that it names has the key. A key that a user deleted is nowhere, one that was made again is still there.
 * OBJECT ENCODING is asked since it says no `keymiss` and touches nothing (Redis 7.0-8.6, Valkey 9).
 * @param find the node of an address, as the redirection names it.
 */
export async function isCarried(
  source: Asked,
  find: (address: string) => Promise<Asked | undefined>,
  key: Buffer,
  database: number
): Promise<boolean> {
  const question = ['OBJECT', 'ENCODING', key];
  const address = await inDatabase(source, database, [question]).then(
    () => undefined,
    (error: unknown) => redirectionOf(error)
  );
  const target = address === undefined ? undefined : await find(address);
  return target !== undefined && (await inDatabase(target, database, [['ASKING'], question])) !== null;
}

function redirectionOf(error: unknown): string | undefined {
  return error instanceof ErrorReply ? /^(?:ASK|MOVED) \d+ (\S+)/.exec(error.message)?.[1] : undefined;
}

/** Sent together, so that no other command of the connection comes in between. @returns the last answer. */
async function inDatabase(
  node: Asked,
  database: number,
  commands: readonly (readonly (string | Buffer)[])[]
): Promise<unknown> {
  const select = (to: number) => (database ? [['SELECT', String(to)]] : []);
  const sent = [...select(database), ...commands, ...select(0)].map(command => node.command(command));
  const answers = await Promise.allSettled(sent);
  const answer = answers[answers.length - (database ? 2 : 1)];
  if (answer.status === 'rejected') throw answer.reason;
  return answer.value;
}
