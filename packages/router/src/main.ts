import { readFile } from 'node:fs/promises';
import { flushCompileCache } from 'node:module';
import { RouterConfig } from '@towpath/contract/router';
import { ListenError } from './listen.ts';
import { jsonLog } from './log.ts';
import { startRouter } from './router.ts';
import { SocketTaken } from './socket.ts';

/** How long requests in flight may go on after SIGTERM. */
const graceMs = 10_000;
/** EX_USAGE and EX_CONFIG of sysexits.h: starting again will not help before somebody changes something. */
const exitUsage = 64;
const exitConfig = 78;

async function main(): Promise<void> {
  const file = process.argv[2];
  if (file === undefined || process.argv.length > 3) return fail('usage: main.ts <config.json>', exitUsage);
  let config: RouterConfig;
  try {
    config = RouterConfig.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch (error) {
    return fail(
      `the configuration ${file} cannot be used: ${error instanceof Error ? error.message : String(error)}`,
      exitConfig,
    );
  }
  try {
    const router = await startRouter(config, jsonLog);
    let stopping = false;
    const stop = (signal: NodeJS.Signals): void => {
      if (stopping) return;
      stopping = true;
      jsonLog('stopping', { signal, graceMs });
      void router.stop(graceMs).then(() => {
        jsonLog('stopped');
        process.exit(0);
      });
    };
    process.on('SIGTERM', stop);
    process.on('SIGINT', stop);
    // Node writes what it compiled when a process leaves by itself, and this one is killed sooner or later: its next start is to be quick.
    flushCompileCache();
  } catch (error) {
    if (error instanceof ListenError || error instanceof SocketTaken) return fail(error.message, exitConfig);
    throw error;
  }
}

function fail(message: string, code: number): void {
  jsonLog('not_started', { error: message });
  process.stderr.write(`towpath router: ${message}\n`);
  process.exitCode = code;
}

await main();
