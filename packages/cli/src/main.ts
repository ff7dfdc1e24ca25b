#!/usr/bin/env node
import { mkdirSync } from 'node:fs';
import module from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

// The launcher of a clone brings its own; an installed package runs on whatever is there.
if (Number.parseInt(process.versions.node, 10) < 24) {
  process.stderr.write(
    `error: Towpath needs Node 24 or newer; this is ${process.version}\n→ Install one from https://nodejs.org, or with your version manager\n`,
  );
  process.exit(1);
}

// Not in the shared temporary folder, where another user could lay code for us. It halves the time until the first line.
const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'towpath', 'compiled');
try {
  mkdirSync(cache, { recursive: true, mode: 0o700 });
  module.enableCompileCache(cache);
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
