import assert from 'node:assert/strict';
import { snippetsOf } from './support/snippets.mjs';

const FENCE = '```';

describe('snippetsOf', () => {
  it('takes TypeScript and JavaScript and leaves the rest', () => {
    const text = ['ts', 'sh', 'js', ''].map(language => `${FENCE}${language}\ncode\n${FENCE}`).join('\n');
    assert.deepEqual(
      snippetsOf(text).map(({ extension }) => extension),
      ['mts', 'mjs']
    );
  });

  it('keeps each line where the document has it', () => {
    const [{ line, source }] = snippetsOf(`# title\n\n${FENCE}ts\nconst a = 1;\n${FENCE}\nwords`);
    assert.equal(line, 4);
    assert.equal(source.split('\n')[3], 'const a = 1;');
    assert.equal(source.replaceAll('\n', ''), 'const a = 1;export {};');
  });

  it('leaves out what is to be ignored', () => {
    assert.deepEqual(snippetsOf(`<!-- snippet: ignore -->\n\n${FENCE}ts\nno code at all\n${FENCE}`), []);
  });

  it('puts what a snippet continues in front of it, however long the chain', () => {
    const block = code => `${FENCE}ts\n${code}\n${FENCE}`;
    const next = '<!-- snippet: continues -->';
    const text = ['first', 'second', 'third'].map(block).join(`\n${next}\n`);
    assert.deepEqual(
      snippetsOf(text).map(({ source }) => source.split('\n').filter(Boolean)),
      [
        ['first', 'export {};'],
        ['first', 'second', 'export {};'],
        ['first', 'second', 'third', 'export {};']
      ]
    );
  });
});
