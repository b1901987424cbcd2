/** What the development tools run on; the published packages ask for less (see their `engines`). */
export const SUPPORTED = '20.19 or later of 20, 22.13 or later of 22, or any later version';

/** Whether the tools of this repository run on this version of Node, such as `v20.19.1`. */
export function isSupported(version) {
  const [major, minor] = version.replace(/^v/, '').split('.').map(Number);
  return (major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major > 22;
}
