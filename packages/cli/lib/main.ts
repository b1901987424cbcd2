import process from 'node:process';
import { EXIT } from './exit-code';
import { processIo } from './process-io';
import { run } from './program';

void run(process.argv.slice(2), processIo()).then(exitCode => {
  process.exitCode = exitCode;
  // What was broken off may still wait for an answer.
  if (exitCode === EXIT.interrupted) process.exit();
});
