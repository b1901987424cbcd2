const FENCE = /^\s*(`{3,}|~{3,})\s*([\w+-]*)/;
const COMMAND = /^\s*<!--\s*snippet:\s*([\w-]+)\s*-->\s*$/;

/** The languages that are checked, with the extension that gives a snippet top-level `await`. */
const EXTENSIONS = { ts: 'mts', typescript: 'mts', js: 'mjs', javascript: 'mjs', mjs: 'mjs', cjs: 'cjs' };

/**
 * The code blocks of a Markdown text that are to be checked: `{ line, extension, source }`. In `source` every line
 * stands where it stands in the text and all others are empty, so that positions need no translation.
 *
 * A comment on the line before a block rules it: `<!-- snippet: ignore -->` leaves it out, and
 * `<!-- snippet: continues -->` puts the code of the checked block before it in front.
 */
export function snippetsOf(text) {
  const lines = text.split(/\r?\n/);
  const snippets = [];
  for (const { language, command, from, to } of blocksOf(lines)) {
    const extension = EXTENSIONS[language];
    if (extension === undefined || command === 'ignore') {
      continue;
    }
    const earlier = command === 'continues' ? (snippets.at(-1)?.kept ?? []) : [];
    const kept = [...earlier, [from, to]];
    snippets.push({ kept, line: from + 1, extension, source: only(kept, lines) });
  }
  return snippets.map(({ line, extension, source }) => ({ line, extension, source }));
}

/** Fenced blocks as `[from, to)` of the lines between the fences. */
function* blocksOf(lines) {
  for (let at = 0; at < lines.length; at++) {
    const [, fence, language] = FENCE.exec(lines[at]) ?? [];
    if (fence === undefined) {
      continue;
    }
    const from = at + 1;
    const command = COMMAND.exec(commentBefore(lines, at))?.[1];
    do {
      at++;
    } while (at < lines.length && lines[at].trim() !== fence);
    yield { language: language.toLowerCase(), command, from, to: at };
  }
}

function commentBefore(lines, at) {
  const before = lines[at - 1] ?? '';
  return before.trim() === '' ? (lines[at - 2] ?? '') : before;
}

/** `export {}` at the end makes a module even of a snippet that imports nothing: its names are its own. */
function only(ranges, lines) {
  const within = index => ranges.some(([from, to]) => index >= from && index < to);
  return `${lines.map((line, index) => (within(index) ? line : '')).join('\n')}\nexport {};\n`;
}
