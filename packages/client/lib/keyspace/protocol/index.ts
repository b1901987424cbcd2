export * from './accepted-flags';
export { aclRule } from './acl-rule';
export * from './channel';
export * from './event-catalog';
export * from './flags';
export { closeGlob, compileGlob, escapeGlob, isGlob, type GlobMatcher } from './glob';
export * from './notification';
export * from './required-flags';
export * from './server-version';
