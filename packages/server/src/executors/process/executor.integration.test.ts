import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lives, TestSupervisor } from '@towpath/supervisor/testing';
import { executorConformance } from '../conformance.ts';
import { ProcessExecutor } from './executor.ts';

const actor = join(import.meta.dirname, 'testing/actor.ts');

executorConformance('process', async () => {
  const supervisor = await TestSupervisor.start();
  const cwd = supervisor.path('workspace');
  const traces = supervisor.path('traces');
  mkdirSync(cwd);
  mkdirSync(traces);
  return {
    attach: () => new ProcessExecutor(supervisor.client),
    argv: (script, ...given) => [process.execPath, actor, traces, JSON.stringify(script), ...given],
    cwd,
    // The marker; the others are set by a shell in between, whichever it is.
    addedEnv: ['TOWPATH_PROCESS', 'PWD', 'OLDPWD', 'SHLVL', '_'],
    open: async (gate) => writeFileSync(join(traces, `gate-${gate}`), ''),
    marks: async (name) => {
      const path = join(traces, `mark-${name}`);
      const pids = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n').map(Number) : [];
      return { count: pids.length, alive: pids.filter(lives).length };
    },
    keeper: { crash: () => supervisor.kill(), restore: () => supervisor.start() },
    close: () => supervisor.end(),
  };
});
