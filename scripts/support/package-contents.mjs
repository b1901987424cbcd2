import { existsSync, readFileSync } from 'node:fs';
import { inRepository } from './repository.mjs';

const REQUIRED = ['LICENSE', 'README.md', 'package.json', 'dist/index.js', 'dist/index.d.ts'];
const ALLOWED = [/^LICENSE$/, /^README\.md$/, /^package\.json$/, /^bin\/[^/]+\.mjs$/, /^dist\/.*\.(js|d\.ts)$/];
const TESTS = /\.spec\.|(^|\/)(test|types-tests)\//;

/** What is missing from a packed package, does not belong there, or is not what the sources make. */
export function contentProblems({ name, manifest, files }) {
  const problems = [
    ...REQUIRED.filter(path => !files.includes(path)).map(path => `${path} is missing`),
    ...files
      .filter(path => TESTS.test(path) || !ALLOWED.some(rule => rule.test(path)))
      .map(path => `${path} does not belong there`),
    ...files.filter(path => isStale(name, path)).map(path => `${path} has no source any more: npm run clean`)
  ];
  if (readLicense('packages', name, 'LICENSE') !== readLicense('LICENSE')) {
    problems.push('LICENSE is not that of the repository');
  }
  return problems.map(problem => `${manifest.name}: ${problem}`);
}

function isStale(name, path) {
  const source = path.replace(/^dist\//, '').replace(/\.(js|d\.ts)$/, '.ts');
  return path.startsWith('dist/') && !existsSync(inRepository('packages', name, source));
}

function readLicense(...parts) {
  return existsSync(inRepository(...parts)) ? readFileSync(inRepository(...parts), 'utf8') : undefined;
}
