/** What the writer sets, and the observers look at. */
export const VALUE_KEY = 'example:observable:value';

/** Where an observer answers with the value that it has seen. */
export function answerKey(name: string): string {
  return `example:observable:answer:${name}`;
}
