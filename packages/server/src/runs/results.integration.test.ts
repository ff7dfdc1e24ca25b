import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Script } from '../executors/script.ts';
import { attemptsOf } from '../store/attempts.ts';
import { stagesOf } from '../store/runs.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;

beforeAll(async () => {
  world = await RunWorld.open();
});
afterAll(() => world.close());

/** What a run's stage says when its command does this. */
async function stage(kind: 'quality' | 'unit', act: (cwd: string) => Script, settings: object = {}) {
  const service = await world.service({ start: 'serve', test: 'check', ...settings });
  const run = await world.push(service);
  world.executor.machine.knobs.script = ({ cwd }, key) => (key.includes(`:${kind}:`) ? act(cwd) : []);
  await world.begin(run);
  const row = (await stagesOf(world.house.db, run.id)).find((each) => each.plan.kind === kind);
  const attempt = (await attemptsOf(world.house.db, run.id)).find((each) => each.index === row?.index);
  return { status: row?.status, reason: row?.reason, report: attempt?.report, checks: attempt?.checks };
}

const tap = 'TAP version 13\nok 1 - adds\nnot ok 2 - takes away\n  ---\n  message: "expected 2, got 3"\n  ...\n1..2\n';
const junit =
  '<testsuite name="cart"><testcase name="adds"/><testcase name="empties"><skipped/></testcase></testsuite>';

test('failed tests are counted and named', async () => {
  const seen = await stage('unit', () => [
    { do: 'print', text: tap },
    { do: 'exit', code: 1 },
  ]);
  expect(seen).toMatchObject({
    status: 'failed',
    reason: '1 of 2 tests failed: takes away: expected 2, got 3',
    report: { tool: 'tap', passed: 1, failed: 1, failures: [{ name: 'takes away' }] },
  });
});

test('a document that the tests wrote is read where their output says nothing', async () => {
  const seen = await stage('unit', (cwd) => {
    mkdirSync(join(cwd, 'target/surefire-reports'), { recursive: true });
    writeFileSync(join(cwd, 'target/surefire-reports/TEST-cart.xml'), junit);
    writeFileSync(join(cwd, 'junit.xml'), 'no XML');
    return [{ do: 'print', text: 'Hello from Maven\n' }];
  });
  expect(seen).toMatchObject({
    status: 'succeeded',
    reason: '1 passed, 1 skipped',
    report: { tool: 'junit', passed: 1 },
  });
});

test('a document of the commit is not that of its tests', async () => {
  const service = await world.service({ start: 'serve', test: 'check' });
  const run = await world.push(service, { 'junit.xml': junit });
  world.executor.machine.knobs.script = () => [];
  await world.begin(run);
  for (const { report } of await attemptsOf(world.house.db, run.id)) expect(report).toBeNull();
  expect((await stagesOf(world.house.db, run.id))[2]).toMatchObject({ status: 'succeeded', reason: null });
});

test('tests that all passed do not explain a command that failed', async () => {
  const seen = await stage('unit', () => [
    { do: 'print', text: 'TAP version 13\nok 1 - adds\n1..1\n' },
    { do: 'exit', code: 3 },
  ]);
  expect(seen).toMatchObject({ status: 'failed', reason: 'exited with code 3', report: { passed: 1, failed: 0 } });
});

test('each of several checks has its own result', async () => {
  const notes = (cwd: string): Script => {
    writeFileSync(join(cwd, '.git/towpath-checks-1'), 'lint 2\ntypes 0\n');
    return [{ do: 'exit', code: 1 }];
  };
  const seen = await stage('quality', notes, { quality: { lint: 'a', types: 'b', format: 'c' } });
  expect(seen).toMatchObject({
    status: 'failed',
    reason: 'lint failed (exit code 2), types passed, format did not end',
    checks: [
      { name: 'lint', status: 'failed', exitCode: 2 },
      { name: 'types', status: 'succeeded', exitCode: 0 },
      { name: 'format', status: 'failed', exitCode: null },
    ],
  });
});

test('what is switched off says by whom', async () => {
  expect(await stage('unit', () => [], { test: false })).toMatchObject({
    status: 'skipped',
    reason: 'switched off (service settings)',
  });
});
