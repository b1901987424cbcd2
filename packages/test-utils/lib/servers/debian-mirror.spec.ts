import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { debianMirrors, parseDeb822, parseOneLine } from './debian-mirror';

describe('debian mirror', () => {
  it('reads the deb822 format: several values, comments, continued and disabled stanzas', () => {
    const text = [
      '# the main archive',
      'Types: deb deb-src',
      'URIs: http://one.test/debian',
      '# a comment inside',
      '  http://two.test/debian',
      'Suites: bookworm bookworm-updates',
      'Components: main',
      '',
      'Types: deb',
      'URIs: http://off.test/debian',
      'Suites: bookworm',
      'Components: main',
      'Enabled: no'
    ].join('\n');
    assert.deepEqual(parseDeb822(text), [
      { uri: 'http://one.test/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] },
      { uri: 'http://two.test/debian', suites: ['bookworm', 'bookworm-updates'], components: ['main'] }
    ]);
  });

  it('reads the one-line format with options and comments', () => {
    const text =
      '# deb http://no.test/debian x main\ndeb [arch=amd64 signed-by=/k] http://a.test/d bookworm main contrib # c\ndeb-src http://s.test/d x main';
    assert.deepEqual(parseOneLine(text), [
      { uri: 'http://a.test/d', suites: ['bookworm'], components: ['main', 'contrib'] }
    ]);
  });

  describe('in a folder of sources', () => {
    let folder: string;

    beforeEach(() => {
      folder = mkdtempSync(join(tmpdir(), 'apt-spec-'));
      mkdirSync(join(folder, 'sources.list.d'));
    });

    afterEach(() => rmSync(folder, { recursive: true }));

    it('puts the archive that has the updates too first and leaves other suites out', () => {
      writeFileSync(
        join(folder, 'sources.list'),
        'deb http://third.test/deb bookworm main\ndeb http://sec.test/debian-security bookworm-security main\n'
      );
      writeFileSync(join(folder, 'sources.list.d', 'a.list'), 'deb http://tool.test/apt tool-bookworm main\n');
      writeFileSync(
        join(folder, 'sources.list.d', 'b.sources'),
        'Types: deb\nURIs: http://debian.test/debian\nSuites: bookworm bookworm-updates\nComponents: main\n'
      );
      writeFileSync(join(folder, 'sources.list.d', 'c.disabled'), 'deb http://disabled.test/debian bookworm main\n');
      assert.deepEqual(debianMirrors(folder, 'bookworm'), ['http://debian.test/debian', 'http://third.test/deb']);
    });

    it('finds nothing where nothing is configured', () => {
      assert.deepEqual(debianMirrors(folder, 'bookworm'), []);
    });
  });
});
