/**
 * A server reduced to the engine, as a process of its own, for tests that kill and freeze it. Its argument is the JSON of
 * FixtureOptions. A line `<workflow id>` on its standard input starts a workflow; when the input ends, so does the process.
 * It prints `ready <executor id>` once. The workflow's steps each append `<id> <step> <token> <executor id>` to the side file
 * when they begin, take their time, and give the token as their result; its end appends `<id> end <all tokens> <executor id>`.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAway } from '../../store/away.ts';
import { DbosEngine } from '../dbos-engine.ts';
import { migrateEngine } from '../engine-database.ts';
import { Lease } from '../lease.ts';
import { Reaper } from '../reaper.ts';
import { fatalCode } from './fatal.ts';

export interface FixtureOptions {
  readonly databaseUrl: string;
  readonly sideFile: string;
  readonly steps: number;
  readonly stepMs: number;
  /** The database is empty: bring it up to date first, as real servers do. */
  readonly migrates?: boolean;
}

const { databaseUrl, sideFile, steps, stepMs, migrates }: FixtureOptions = JSON.parse(process.argv[2] ?? '');
const log = (level: string, message: string) => {
  if (level !== 'debug') process.stderr.write(`${level}: ${message}\n`);
};
const fatal = (reason: string) => {
  process.stderr.write(`fatal: ${reason}\n`);
  process.exit(fatalCode);
};
const note = (...words: string[]) => appendFileSync(sideFile, `${words.join(' ')}\n`);

process.stdin.on('end', () => process.exit(0));
if (migrates) {
  const { migrate } = await import('../../store/migrate.ts');
  await migrate(databaseUrl, { alsoMigrate: () => migrateEngine(databaseUrl, log) });
}
const lease = await Lease.take({ databaseUrl, log, onLost: fatal });
const confirmLease = () => lease.confirm();
const engine = new DbosEngine({
  databaseUrl,
  executorId: lease.executorId,
  log,
  confirmLease,
  isAway,
  fatal,
  onDefect: async (_workflow, id, error) => note(id, 'defect', String(error), lease.executorId),
});
engine.define('count', async (context) => {
  const tokens: string[] = [];
  for (let step = 0; step < steps; step += 1) {
    const token = await context.step(`step-${step}`, async () => {
      const mine = randomUUID();
      note(context.id, String(step), mine, lease.executorId);
      await sleep(stepMs);
      return mine;
    });
    tokens.push(token);
  }
  await context.step('end', async () => {
    note(context.id, 'end', tokens.join(','), lease.executorId);
    return null;
  });
});
await engine.launch();
new Reaper({ engine, log, confirmLease, isAway, reconcile: async () => {} }).start();
createInterface({ input: process.stdin }).on('line', (id) => void engine.start('count', id, {}));
process.stdout.write(`ready ${lease.executorId}\n`);
