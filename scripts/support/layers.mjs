/**
 * The layers of `packages/client/lib/keyspace`, as rules of ESLint: imports point one way, fronts -> telemetry ->
 * nodes -> rescan -> delivery -> plan -> protocol, and `lib/upstream.ts` is the only door into node-redis. The command
 * of `packages/cli` knows the public API only. Specs may look anywhere.
 */
const KEYSPACE = 'packages/client/lib/keyspace';
const SPECS = ['**/*.spec.ts'];

/** From the lowest to the highest: each may import those before it. */
const FOLDERS = ['protocol', 'plan', 'delivery', 'rescan', 'nodes', 'telemetry', 'fronts'];

/** The files beside the folders that each of them may import. */
const SHARED = ['errors', 'options'];

/** The folders that are values and functions only. */
const PURE = ['protocol', 'plan'];

/** The folders that talk to servers. */
const CONNECTED = ['rescan', 'nodes', 'fronts'];

const INTERNALS = {
  regex: '^(@redis/client|redis)/',
  message: 'Only packages/client/lib/upstream.ts may reach into node-redis.'
};

const UPSTREAM = {
  regex: '^(@redis/client|redis)$',
  message: 'Only packages/client/lib/upstream.ts may import node-redis.'
};

const PUBLIC_API_ONLY = {
  regex:
    '^(@redis/client|redis|@redis-keyspace/(client|test-utils))(/|$)|^redis-keyspace/|/(client|redis|test-utils)/(lib|index)',
  message: 'packages/cli is built on what redis-keyspace exports, as its users are.'
};

const UPSTREAM_VALUES = {
  ...UPSTREAM,
  allowTypeImports: true,
  message: 'Only packages/client/lib/upstream.ts may import values of node-redis; here its types will do.'
};

const DOOR = {
  regex: '/upstream$',
  message: 'Only rescan/, nodes/ and fronts/ talk to node-redis; the folders below are told what was said.'
};

const INPUT_AND_OUTPUT = {
  regex: '^(node:)?(net|tls|dns|http|https|fs|events|stream|timers|child_process|worker_threads)(/.*)?$',
  message: 'protocol/ and plan/ are values and functions: no sockets, no emitters, no timers.'
};

/** All that is not below: of the folders those that come later, of the single files all but `SHARED`. */
function above(folder) {
  const below = [...FOLDERS.slice(0, FOLDERS.indexOf(folder)), ...SHARED].join('|');
  return {
    regex: folder === 'fronts' ? '^\\.\\.(/index)?$' : `^\\.\\.$|^\\.\\./(?!\\.\\./|(${below})(/|$))|/keyspace/`,
    message: `Not below ${folder}/: imports go fronts -> telemetry -> nodes -> rescan -> delivery -> plan -> protocol.`
  };
}

function rule(...patterns) {
  return { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] };
}

function forbiddenTo(folder) {
  const upstream = folder === 'fronts' ? UPSTREAM_VALUES : UPSTREAM;
  return [
    INTERNALS,
    upstream,
    above(folder),
    ...(CONNECTED.includes(folder) ? [] : [DOOR]),
    ...(PURE.includes(folder) ? [INPUT_AND_OUTPUT] : [])
  ];
}

/** For `eslint.config.mjs`: the later entry wins, so that a folder's own rule replaces the general one. */
export const layers = [
  { files: ['packages/**/*.ts'], ignores: SPECS, rules: rule(INTERNALS) },
  {
    files: ['packages/client/index.ts', 'packages/client/lib/**/*.ts'],
    ignores: [...SPECS, 'packages/client/lib/upstream.ts'],
    rules: rule(INTERNALS, UPSTREAM_VALUES)
  },
  { files: ['packages/client/lib/upstream.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  { files: ['packages/cli/**/*.ts'], ignores: [...SPECS, 'packages/cli/test/**'], rules: rule(PUBLIC_API_ONLY) },
  ...FOLDERS.map(folder => ({
    files: [`${KEYSPACE}/${folder}/**/*.ts`],
    ignores: SPECS,
    rules: rule(...forbiddenTo(folder))
  }))
];
