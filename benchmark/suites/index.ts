import { exactKeys } from './exact-keys';
import { heap } from './heap';
import { idle } from './idle';
import { planning } from './planning';
import { throughput } from './throughput';
import type { Suite } from './suite';

/** In the order in which they run: the idle one first, while the process has nothing to collect or compile. */
export const SUITES = { idle, throughput, heap, 'exact-keys': exactKeys, planning } satisfies Record<string, Suite>;

export type SuiteName = keyof typeof SUITES;
