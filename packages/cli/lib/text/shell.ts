/** A word that a shell, and redis-cli, take for what it is. */
export function shellQuoted(word: string): string {
  return /^[\w+@:./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
