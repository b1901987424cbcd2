import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/**
 * Debian's own signing keys. Whatever else the machine's configuration lists,
 * apt refuses an archive that these keys did not sign, so that a third party's
 * archive can never stand in for Debian's.
 */
export const DEBIAN_KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** One `deb` source: an archive and what is taken from it. */
export interface AptSource {
  readonly uri: string;
  readonly suites: readonly string[];
  readonly components: readonly string[];
}

/** Archives that may be Debian's main one, as the machine's apt configuration names them, the likeliest first. */
export function debianMirrors(folder = '/etc/apt', codename = ownCodename()): string[] {
  const main = readSources(folder).filter(
    ({ suites, components }) =>
      components.includes('main') && suites.some(suite => suite === codename || suite === 'stable')
  );
  const likely = (source: AptSource) => Number(source.suites.includes(`${codename}-updates`));
  main.sort((a, b) => likely(b) - likely(a));
  return [...new Set(main.map(source => source.uri))];
}

function ownCodename(): string {
  try {
    return /^VERSION_CODENAME=(\S+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? 'stable';
  } catch {
    return 'stable';
  }
}

function readSources(folder: string): AptSource[] {
  const parts = join(folder, 'sources.list.d');
  const files = [
    join(folder, 'sources.list'),
    ...(existsSync(parts)
      ? readdirSync(parts)
          .sort()
          .map(name => join(parts, name))
      : [])
  ];
  return files
    .filter(file => existsSync(file))
    .flatMap(file => {
      const text = readFileSync(file, 'utf8');
      return file.endsWith('.sources') ? parseDeb822(text) : file.endsWith('.list') ? parseOneLine(text) : [];
    });
}

/** Reads the one-line format: `deb [options] uri suite component…`. */
export function parseOneLine(text: string): AptSource[] {
  return text.split('\n').flatMap(line => {
    const match = /^\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+([^#]*)/.exec(line);
    return match ? [{ uri: match[1], suites: [match[2]], components: words(match[3]) }] : [];
  });
}

/** Reads the deb822 format: stanzas of `Field: values`, a blank first column continues a field. */
export function parseDeb822(text: string): AptSource[] {
  const clean = text
    .split('\n')
    .filter(line => !line.startsWith('#'))
    .join('\n');
  return clean.split(/\n\s*\n/).flatMap(stanza => {
    const fields = new Map<string, string>();
    for (const [, name, value] of stanza.matchAll(/^([\w-]+):((?:.*)(?:\n[ \t].*)*)/gm)) {
      fields.set(name.toLowerCase(), value.trim());
    }
    if (!words(fields.get('types')).includes('deb') || fields.get('enabled')?.toLowerCase() === 'no') {
      return [];
    }
    const suites = words(fields.get('suites'));
    const components = words(fields.get('components'));
    return words(fields.get('uris')).map(uri => ({ uri, suites, components }));
  });
}

function words(text = ''): string[] {
  return text.split(/\s+/).filter(Boolean);
}
