import type { CacheEngineVersion } from '@aws-sdk/client-elasticache';

/** The version that is meant by `8.0`, or by `8`: exactly that, or the latest that begins so. */
export function findEngineVersion(
  offered: readonly CacheEngineVersion[],
  wanted: string
): CacheEngineVersion | undefined {
  const exact = offered.find(({ EngineVersion }) => EngineVersion === wanted);
  if (exact !== undefined) return exact;
  return offered.filter(({ EngineVersion }) => EngineVersion?.startsWith(`${wanted}.`)).sort(byVersion)[0];
}

/** The latest first. */
function byVersion(
  { EngineVersion: left = '' }: CacheEngineVersion,
  { EngineVersion: right = '' }: CacheEngineVersion
) {
  return right.localeCompare(left, 'en', { numeric: true });
}
