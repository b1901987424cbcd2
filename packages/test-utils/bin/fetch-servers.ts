#!/usr/bin/env node
import { ServersUnavailableError } from '../lib/errors';
import { loadManifest, loadServers } from '../lib/servers/find-servers';

/**
 * Finds or fetches the servers of the matrix and says which the tests will run
 * on. Ends with 1 when there is none. Looks again for those that were missing.
 */
function main(): void {
  try {
    if (loadManifest().missing.length > 0) {
      loadManifest({ refresh: true });
    }
    const servers = loadServers();
    console.log(`Servers: ${servers.map(({ label, source }) => `${label} (${source})`).join(', ')}`);
    for (const line of loadManifest().missing) {
      console.log(`Not tested: ${line}`);
    }
  } catch (error) {
    if (!(error instanceof ServersUnavailableError)) {
      throw error;
    }
    console.error(error.message);
    process.exitCode = 1;
  }
}

main();
