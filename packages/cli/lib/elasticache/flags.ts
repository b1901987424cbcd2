import { expandFlags, parseFlags } from 'redis-keyspace';

/** The order in which a value is written here, with what `A` stands for between the channels and the rest. */
const LETTERS = 'KEAg$lshzxetdanocmSTIV';
const IN_ALL = expandFlags(parseFlags('A'));

/** What is wrong with a value for `notify-keyspace-events`: a letter that no server knows, or one that says nothing. */
export function problemOfLetters(text: string): string | undefined {
  const unknown = [...text].find(letter => !LETTERS.includes(letter));
  if (unknown !== undefined) return `${JSON.stringify(unknown)} is not one of ${LETTERS}`;
  return isSilent(text) ? 'it needs K or E, and a class such as A, $ or x' : undefined;
}

/** Those of the wanted letters that are off. */
export function missingLetters(current: string, wanted: string): string {
  const on = expandFlags(parseFlags(current));
  const isOff = (letter: string) => (letter === 'A' ? !current.includes('A') : !on.has(letter));
  return ordered([...wanted].filter(isOff));
}

/** All that is on and all that is wanted; the current value itself when there is nothing to add. */
export function addLetters(current: string, wanted: string): string {
  const missing = missingLetters(current, wanted);
  if (missing === '') return current;
  const all = current + missing;
  return ordered([...all].filter(letter => !(all.includes('A') && IN_ALL.has(letter))));
}

/** Whether a server with this value says nothing at all: no channel, or nothing to say on it. */
export function isSilent(value: string): boolean {
  const on = expandFlags(parseFlags(value));
  const has = (letters: string) => [...letters].some(letter => on.has(letter));
  const hasClass = [...on].some(letter => !'KESTIV'.includes(letter));
  return !(has('KE') && hasClass) && !(has('STIV') && on.has('h'));
}

function ordered(letters: readonly string[]): string {
  return [...new Set(letters)].sort((left, right) => LETTERS.indexOf(left) - LETTERS.indexOf(right)).join('');
}
