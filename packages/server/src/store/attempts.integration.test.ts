import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Claim, StaleClaim } from '../domain/claim.ts';
import type { KeptLayer } from '../domain/path/kept.ts';
import { planPath } from '../domain/path/plan.ts';
import { ServiceSettings } from '../domain/path/settings.ts';
import { attemptsOf, beginAttempt, endAttempt } from './attempts.ts';
import { type Connection, connect } from './connect.ts';
import { claim } from './guard.ts';
import { insertRun, runById, stagesOf } from './runs.ts';
import { projects, services } from './schema.ts';
import { testDatabase } from './testing/database.ts';

let connection: Connection;
let run: number;

beforeAll(async () => {
  connection = connect(await testDatabase(), { name: 'attempts test' });
  const { db } = connection;
  const [project] = await db.insert(projects).values({ name: 'shop' }).returning();
  const settings = ServiceSettings.parse({});
  const [service] = await db
    .insert(services)
    .values({ projectId: project?.id ?? 0, name: 'api', settings: {} })
    .returning();
  const commit = 'a'.repeat(40);
  const layers: KeptLayer[] = [];
  const by = { branch: 'main', commit, settings, message: '', author: '', trigger: 'api', requestedBy: 'ada' } as const;
  run = (await insertRun(db, { serviceId: service?.id ?? 0, layers, ...by }, planPath([]))).id;
});
afterAll(() => connection.close());

const seen = async () => ({
  run: await runById(connection.db, run),
  stages: await stagesOf(connection.db, run),
  attempts: await attemptsOf(connection.db, run),
});
const at = (attempt: number) => ({ runId: run, index: 1, attempt });
const begun = (number: number) => ({ key: `key ${number}`, startedAt: new Date() });
const failed = { status: 'failed', reason: 'exited with code 1', exitCode: 1 } as const;

test('an attempt begins and ends with its stage; each is a new revision of the run', async () => {
  const held = await claim(connection.db, 'run', run);
  const { revision } = (await seen()).run;
  await beginAttempt(connection.db, held, at(1), begun(1));
  expect(await seen()).toMatchObject({
    run: { revision: revision + 1 },
    stages: [
      { status: 'queued' },
      { status: 'running', attempt: 1, startedAt: expect.any(Date) },
      { status: 'queued' },
    ],
    attempts: [{ index: 1, attempt: 1, key: 'key 1', status: 'running' }],
  });
  await endAttempt(connection.db, held, at(1), failed, null);
  const after = await seen();
  expect(after).toMatchObject({
    run: { revision: revision + 2, supersededBy: null },
    stages: [{ status: 'queued' }, { status: 'failed', reason: failed.reason }, { status: 'queued' }],
    attempts: [{ ...failed, endedAt: expect.any(Date) }],
  });
});

test('begun twice, it is one attempt', async () => {
  const held = await claim(connection.db, 'run', run);
  await beginAttempt(connection.db, held, at(2), begun(2));
  await beginAttempt(connection.db, held, at(2), begun(2));
  expect((await seen()).attempts.map((each) => each.key)).toEqual(['key 1', 'key 2']);
});

test('the newer run that it gives way to is noted with the end', async () => {
  const held = await claim(connection.db, 'run', run);
  await endAttempt(connection.db, held, at(2), { status: 'superseded', reason: null, exitCode: null }, 9);
  expect(await seen()).toMatchObject({ run: { supersededBy: 9 }, attempts: [failed, { status: 'superseded' }] });
});

test('who lost the run writes nothing', async () => {
  const older: Claim = await claim(connection.db, 'run', run);
  await claim(connection.db, 'run', run);
  const before = await seen();
  await expect(beginAttempt(connection.db, older, at(3), begun(3))).rejects.toThrow(StaleClaim);
  await expect(endAttempt(connection.db, older, at(2), failed, null)).rejects.toThrow(StaleClaim);
  expect(await seen()).toEqual(before);
});
