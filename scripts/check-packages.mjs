import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { setup } from './setup.mjs';
import { packInto } from './support/pack.mjs';
import { contentProblems } from './support/package-contents.mjs';
import { consumerProblems } from './support/package-consumer.mjs';
import { inRepository, ROOT, tool } from './support/repository.mjs';

/**
 * `npm run test:packages`: what `npm publish` would upload of each public package holds what it needs and nothing
 * else, satisfies publint and attw, and works from `require`, `import` and TypeScript with no more than the
 * dependencies that it declares.
 */
function main(folder) {
  setup();
  const packages = publicPackages().map(name => packInto(folder, name));
  const problems = [
    ...packages.flatMap(contentProblems),
    ...packages.flatMap(lintProblems),
    ...consumerProblems(folder, packages)
  ];
  for (const { manifest, files } of packages) {
    console.log(`${manifest.name}@${manifest.version}: ${files.length} files`);
  }
  problems.forEach(problem => console.error(problem));
  process.exitCode = problems.length === 0 ? 0 : 1;
}

function publicPackages() {
  return readdirSync(inRepository('packages')).filter(name => {
    const manifest = JSON.parse(readFileSync(inRepository('packages', name, 'package.json'), 'utf8'));
    return manifest.private !== true;
  });
}

function lintProblems({ manifest, tarball }) {
  const linters = [
    ['publint', 'run', tarball, '--strict'],
    ['attw', tarball, '--no-emoji', '--format', 'ascii']
  ];
  return linters.flatMap(([name, ...args]) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [tool(name), ...args], {
      cwd: ROOT,
      encoding: 'utf8'
    });
    return status === 0 ? [] : [`${manifest.name}: ${name} objects:\n${stdout}${stderr}`];
  });
}

const folder = mkdtempSync(join(tmpdir(), 'packages-'));
try {
  main(folder);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
