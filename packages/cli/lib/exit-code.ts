/** What the process ends with; scripts rely on it. */
export const EXIT = Object.freeze({
  /** All is as it should be; of `watch`, that it was ended by Ctrl-C or `--until`. */
  fine: 0,
  /** Something is missing, or a server refused. */
  finding: 1,
  /** The command line makes no sense, or not for these servers; nothing was changed. */
  usage: 2,
  /** Nobody to talk to. */
  unreachable: 3,
  /** Ended by Ctrl-C before it was done. */
  interrupted: 130
});

/** One of `EXIT`. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];
