// eslint-disable-next-line no-control-regex -- what is no character of its own
const PIECES = /\u001b\[[\d;]*m|[^]/gu;

/** The first `width` characters. Colours take no room, and are switched off where they would have been. */
export function cut(text: string, width: number): string {
  let room = width;
  return text.replace(PIECES, piece => (piece.startsWith('\u001b[') || room-- > 0 ? piece : ''));
}
