import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { relative } from 'node:path';
import process from 'node:process';
import { setup } from './setup.mjs';
import { inRepository, ROOT } from './support/repository.mjs';
import { snippetsOf } from './support/snippets.mjs';

const PREAMBLE = inRepository('scripts', 'snippets', 'preamble.ts');

/**
 * `npm run test:docs`: the TypeScript and JavaScript blocks of the READMEs and of `docs/` compile against the packages
 * as users get them. See `support/snippets.mjs` for the comments that rule a block.
 */
async function main() {
  setup();
  const { default: ts } = await import('typescript');
  const sources = new Map(documents().flatMap(virtualFiles));
  const options = {
    ...readOptions(ts),
    lib: ['lib.esnext.d.ts'],
    noEmit: true,
    allowJs: true,
    checkJs: true,
    composite: false,
    incremental: false,
    declaration: false,
    declarationMap: false,
    sourceMap: false,
    noUnusedLocals: false,
    noUnusedParameters: false
  };
  const program = ts.createProgram([PREAMBLE, ...sources.keys()], options, withVirtual(sources, options, ts));
  const diagnostics = ts.getPreEmitDiagnostics(program);
  const told = new Set(diagnostics.map(diagnostic => describe(diagnostic, ts)));
  told.forEach(line => console.error(line));
  console.log(`${sources.size} snippets of ${documents().length} documents, ${told.size} errors`);
  process.exitCode = told.size === 0 ? 0 : 1;
}

function documents() {
  const packages = readdirSync(inRepository('packages')).map(name => `packages/${name}/README.md`);
  const docs = existsSync(inRepository('docs')) ? readdirSync(inRepository('docs'), { recursive: true }) : [];
  return ['README.md', 'CONTRIBUTING.md', ...packages, ...docs.map(path => `docs/${path}`)]
    .filter(path => path.endsWith('.md'))
    .map(path => inRepository(path))
    .filter(path => existsSync(path));
}

/** A snippet is a file of its own beside its document: `docs/guide.md` at line 12 is `docs/guide.md.12.mts`. */
function virtualFiles(document) {
  return snippetsOf(readFileSync(document, 'utf8')).map(({ line, extension, source }) => [
    `${document}.${line}.${extension}`,
    source
  ]);
}

function readOptions(ts) {
  const { config } = ts.readConfigFile(inRepository('tsconfig.base.json'), path => ts.sys.readFile(path));
  return ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT).options;
}

function withVirtual(sources, options, ts) {
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = path => sources.has(path) || fileExists(path);
  host.readFile = path => sources.get(path) ?? readFile(path);
  host.getSourceFile = (path, languageVersion) => {
    const text = host.readFile(path);
    return text === undefined ? undefined : ts.createSourceFile(path, text, languageVersion, true);
  };
  return host;
}

/** `docs/guide.md:14:3 - …`: the line of the document, since a snippet keeps its lines. */
function describe({ file, start, messageText }, ts) {
  const message = ts.flattenDiagnosticMessageText(messageText, '\n');
  if (file === undefined) {
    return message;
  }
  const { line, character } = file.getLineAndCharacterOfPosition(start);
  const document = relative(ROOT, file.fileName).replace(/(\.md)\.\d+\.[mc][tj]s$/, '$1');
  return `${document}:${line + 1}:${character + 1} - ${message}`;
}

await main();
