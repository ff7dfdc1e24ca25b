#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// Not in the shared temporary folder, where another user could lay code for us. It halves the time until the first line.
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'towpath', 'compiled');
try {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  enableCompileCache(cache);
} catch {
  // A home that cannot be written to costs some milliseconds only.
}

// A reader that has left (`towpath up | head`) is no reason to leave work half done: what is still to be said is lost, and that is all.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}

const { run } = await import('./program.ts');
const code = await run(process.argv.slice(2));
// A verb that was understood may have failed all the same (a run that it waited for did): it has set the code itself.
if (code !== 0) process.exitCode = code;
