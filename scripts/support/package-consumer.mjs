import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { inRepository, ROOT, tool } from './repository.mjs';

/** How applications compile: what `tsc` is told, for each kind of module resolution in use. */
const COMPILERS = {
  nodenext: ['--module', 'nodenext'],
  bundler: ['--module', 'esnext', '--moduleResolution', 'bundler']
};

/**
 * Installs the packed packages in an application of their own, with only what they declare to depend on, and uses them
 * from there. Declarations are checked in full, as they are for a user without `skipLibCheck`.
 */
export function consumerProblems(folder, packages) {
  packages.forEach(one => install(folder, one, packages));
  link(folder, '@types/node', ROOT);
  writeFileSync(join(folder, 'package.json'), '{ "private": true }');
  return packages.flatMap(({ manifest: { name } }) => [
    ...problemsOf(folder, `require('${name}')`, ['--eval', `require('${name}')`]),
    ...problemsOf(folder, `import of ${name}`, ['--input-type=module', '--eval', namesAgree(name)]),
    ...Object.entries(COMPILERS).flatMap(([how, options]) =>
      problemsOf(folder, `TypeScript (${how}) with ${name}`, [tool('tsc'), ...options, ...compile(folder, name)])
    )
  ]);
}

function install(folder, { name: own, manifest, tarball }, packages) {
  const target = join(folder, 'node_modules', manifest.name);
  mkdirSync(target, { recursive: true });
  const { status, stderr } = spawnSync('tar', ['-xzf', tarball, '--strip-components=1', '-C', target], {
    encoding: 'utf8'
  });
  if (status !== 0) {
    throw new Error(`${tarball} cannot be unpacked:\n${stderr}`);
  }
  const ours = packages.map(one => one.manifest.name);
  Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    .filter(name => !ours.includes(name))
    .forEach(name => link(folder, name, inRepository('packages', own)));
}

/** As npm has placed it for whoever is in `from`: in its own `node_modules` if another version is at the root. */
function link(folder, name, from) {
  const target = join(folder, 'node_modules', name);
  const own = join(from, 'node_modules', name);
  mkdirSync(dirname(target), { recursive: true });
  try {
    symlinkSync(existsSync(own) ? own : inRepository('node_modules', name), target, 'junction');
  } catch (error) {
    if (error.code !== 'EEXIST') {
      throw error;
    }
  }
}

/** Each name that `require` gives can be imported by name. */
function namesAgree(name) {
  return `
    import * as imported from '${name}';
    import { createRequire } from 'node:module';
    const required = Object.keys(createRequire(import.meta.url)('${name}'));
    const missing = required.filter(key => !(key in imported));
    if (missing.length > 0) throw new Error('cannot be imported by name: ' + missing.join(', '));
  `;
}

function compile(folder, name) {
  const file = join(folder, `use-${name.replace(/\W+/g, '-')}.mts`);
  writeFileSync(file, `import * as all from '${name}';\nexport const names: string[] = Object.keys(all);\n`);
  return ['--noEmit', '--strict', '--target', 'es2022', '--types', 'node', file];
}

function problemsOf(cwd, what, args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd, encoding: 'utf8' });
  return status === 0 ? [] : [`${what} fails when installed:\n${stdout}${stderr}`];
}
