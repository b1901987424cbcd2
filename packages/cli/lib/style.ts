/** The few ways in which text is set off, on a terminal only. */
export interface Style {
  readonly bold: Paint;
  readonly dim: Paint;
  readonly red: Paint;
  readonly yellow: Paint;
  readonly green: Paint;
  readonly cyan: Paint;
}

export type Paint = (text: string) => string;

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  yellow: [33, 39],
  green: [32, 39],
  cyan: [36, 39]
} as const;

/** Colours, or none. */
export function styleOf(coloured: boolean): Style {
  const paint = ([on, off]: readonly [number, number]): Paint =>
    coloured ? text => `\u001b[${on}m${text}\u001b[${off}m` : text => text;
  return {
    bold: paint(CODES.bold),
    dim: paint(CODES.dim),
    red: paint(CODES.red),
    yellow: paint(CODES.yellow),
    green: paint(CODES.green),
    cyan: paint(CODES.cyan)
  };
}
