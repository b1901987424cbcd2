import assert from 'node:assert/strict';
import { addLetters, isSilent, missingLetters, problemOfLetters } from './flags';

describe('problemOfLetters', () => {
  for (const text of ['KEA', 'Kx', 'E$', 'ASTIV', 'Sh'])
    it(`has nothing against ${text}`, () => assert.equal(problemOfLetters(text), undefined));

  const WRONG: [text: string, problem: RegExp][] = [
    ['', /it needs K or E, and a class/],
    ['KE', /it needs K or E/],
    ['x', /it needs K or E/],
    ['KEQ', /^"Q" is not one of KEA/],
    ['K E', /^" " is not one of/]
  ];
  for (const [text, problem] of WRONG) {
    it(`names what is wrong with ${JSON.stringify(text)}`, () => assert.match(problemOfLetters(text) ?? '', problem));
  }
});

describe('addLetters', () => {
  const CASES: [current: string, wanted: string, missing: string, together: string][] = [
    ['', 'KEA', 'KEA', 'KEA'],
    ['AKE', 'KEA', '', 'AKE'],
    ['Ex', 'KEA', 'KA', 'KEA'],
    ['Ex', 'E$x', '$', 'E$x'],
    ['KEAm', 'Kg$n', 'n', 'KEAnm'],
    ['Kg$lshzxetd', 'KA', 'A', 'KA'],
    ['KA', 'Kgx', '', 'KA'],
    ['Km', 'EA', 'EA', 'KEAm']
  ];
  for (const [current, wanted, missing, together] of CASES) {
    it(`makes ${together} of ${current || 'nothing'} and ${wanted}, which lacks ${missing || 'nothing'}`, () => {
      assert.equal(missingLetters(current, wanted), missing);
      assert.equal(addLetters(current, wanted), together);
      assert.equal(missingLetters(together, wanted), '');
    });
  }
});

describe('isSilent', () => {
  for (const [value, silent] of [
    ['', true],
    ['KE', true],
    ['A', true],
    ['Kx', false],
    ['Kn', false],
    ['Sh', false],
    ['SA', false],
    ['Sx', true]
  ] as const)
    it(`is ${silent} for ${JSON.stringify(value)}`, () => assert.equal(isSilent(value), silent));
});
