import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { stripVTControlCharacters } from 'node:util';
import { TowpathError } from '@towpath/contract';
import type { ProcessState } from '@towpath/contract/supervisor';
import type { SupervisorClient } from '@towpath/supervisor/client';
import { ask } from './ask.ts';
import type { Layout } from './layout.ts';
import { askDatabase } from './postgres/connect.ts';

const pollMs = 25;
const tailBytes = 3_000;
/** A part that died so often while we waited will not come up by waiting longer. */
const mostDeaths = 4;

/** Says why a part is not well yet, or null when it is. */
export type Check = () => Promise<string | null>;

export const databaseCheck =
  (url: string): Check =>
  async () => {
    const answer = await askDatabase(url);
    return answer.kind === 'ready' ? null : answer.said;
  };

/** 200 on this path of the part's socket. */
export const socketCheck =
  (socket: string, path: string): Check =>
  async () => {
    const asked = await ask(socket, path);
    if (!asked.answered) return asked.why;
    return asked.status === 200 ? null : `${path} answers ${asked.status}: ${asked.body.slice(0, 500)}`;
  };

/** Waits until a system process is well. Errors: `part_failed` with the end of its log when it keeps dying or the time is over. */
export async function untilWell(
  supervisor: SupervisorClient,
  layout: Layout,
  part: { readonly name: string; readonly check: Check; readonly timeoutMs: number },
): Promise<void> {
  const key = `system/${part.name}`;
  const deadline = performance.now() + part.timeoutMs;
  let restartsBefore: number | null = null;
  for (;;) {
    const problem = await part.check();
    if (problem === null) return;
    const state = await stateOf(supervisor, key);
    restartsBefore ??= state?.restarts ?? null;
    const deaths = state === null || restartsBefore === null ? 0 : state.restarts - restartsBefore;
    if (deaths >= mostDeaths || performance.now() > deadline) {
      const why = deaths >= mostDeaths ? `it died ${deaths} times: ${state?.reason ?? 'no reason is known'}` : problem;
      throw await failure(supervisor, layout, part.name, why, state);
    }
    await pause(pollMs);
  }
}

/** The supervisor is restarted by its keeper when it dies: not being able to ask it is no news about the part. */
async function stateOf(supervisor: SupervisorClient, key: string): Promise<ProcessState | null> {
  try {
    return await supervisor.get(key);
  } catch (error) {
    if (error instanceof TowpathError) return null;
    throw error;
  }
}

async function failure(
  supervisor: SupervisorClient,
  layout: Layout,
  name: string,
  why: string,
  state: ProcessState | null,
): Promise<TowpathError> {
  const tail = await logTail(supervisor, `system/${name}`, state?.logBytes ?? 0);
  const message = `${name} does not get well: ${why}${tail === '' ? '' : `\n${indent(tail)}`}`;
  return new TowpathError('part_failed', message, {
    help: `Its whole log: ${logPath(layout, name)}. It is tried again all the time; when the cause is mended: towpath up`,
  });
}

/** The last lines without the frames of stack traces: the log itself has them. */
async function logTail(supervisor: SupervisorClient, key: string, logBytes: number): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of supervisor.logs(key, Math.max(0, logBytes - tailBytes))) chunks.push(chunk);
  } catch (error) {
    if (!(error instanceof TowpathError)) throw error; // Without a supervisor there is no log to show, only where it is.
  }
  const lines = Buffer.concat(chunks).toString('utf8').trimEnd().split('\n');
  return lines
    .filter((line) => !/^\s+at /.test(line))
    .slice(-12)
    .join('\n');
}

/** The supervisor keeps each process in a folder whose name begins with the key's. */
function logPath(layout: Layout, name: string): string {
  const processes = join(layout.supervisorState, 'processes');
  const folder = readdirSync(processes).find((one) => new RegExp(`^system-${name}-[0-9a-f]{24}$`).test(one));
  return folder === undefined ? processes : join(processes, folder, 'out');
}

/** Log lines are other programs' text: nothing in them may steer the terminal. */
function indent(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[^\P{Cc}\n\t]/gu, '')
    .replace(/^/gm, '  │ ');
}
