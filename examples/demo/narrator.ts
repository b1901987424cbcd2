import { Screen, type Io } from '@redis-keyspace/cli';

/** Tells the story between what `keyspace watch` shows; beside it where that is for programs. */
export class Narrator {
  readonly screen: Screen;
  readonly #say: (text: string) => void;

  constructor(io: Io, isJson: boolean) {
    this.screen = new Screen(io);
    this.#say = isJson ? text => io.stderr.write(`${text}\n`) : text => void this.screen.line(text);
  }

  /** Another part of the story begins. */
  phase(title: string): void {
    this.#say(`\n${title}`);
  }

  /** Something worth a line of its own. */
  say(text: string): void {
    this.#say(`  ${text}`);
  }
}
