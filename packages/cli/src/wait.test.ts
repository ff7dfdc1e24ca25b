import { setTimeout as sleep } from 'node:timers/promises';
import { stripVTControlCharacters as plain } from 'node:util';
import type { Client } from '@towpath/client';
import type { RunDetail, StageView, Status } from '@towpath/contract';
import { expect, test } from 'vitest';
import { createOutput } from './output.ts';
import { watchRun } from './wait.ts';

const stage = (kind: StageView['kind'], status: Status): StageView => ({
  kind,
  environment: null,
  name: kind,
  status,
  reason: null,
  deadline: null,
  attempt: 1,
  startedAt: null,
  endedAt: null,
  answeredBy: null,
  deployment: null,
  attempts: [],
});
const run = (revision: number, status: Status, ...stages: StageView[]): RunDetail => ({
  run: 7,
  project: 'main',
  service: 'api',
  branch: 'main',
  commit: '3f2c1a9000000000000000000000000000000000',
  message: 'First',
  author: 'Ada',
  trigger: 'push',
  requestedBy: 'owner',
  status,
  reason: null,
  deadline: null,
  artifact: null,
  supersededBy: null,
  createdAt: new Date(Date.now() + 3_600_000).toISOString(),
  startedAt: null,
  endedAt: null,
  revision,
  stages,
});

/** What is written while a run goes through these states. */
async function watched(terminal: boolean): Promise<string> {
  const states = [
    run(1, 'running', stage('prepare', 'running'), stage('unit', 'queued')),
    run(2, 'running', stage('prepare', 'succeeded'), stage('unit', 'running')),
    run(3, 'succeeded', stage('prepare', 'succeeded'), stage('unit', 'succeeded')),
  ];
  // Only this one route is called, whenever something happened.
  async function* follow(
    _route: string,
    { onState, signal }: { onState: (state: 'open') => void; signal: AbortSignal },
  ) {
    onState('open');
    for (; !signal.aborted; await sleep(2)) yield {};
  }
  const client = { call: async () => states.shift(), follow } as unknown as Client;
  let text = '';
  const write = (more: string) => {
    text += more;
  };
  const output = createOutput(false, { write, isTTY: terminal, columns: 80 }, { write });
  await watchRun({ client, output }, 7, false);
  return text;
}

test('in a pipe every change is a line', async () => {
  const lines = plain(await watched(false))
    .trimEnd()
    .split('\n');
  expect(lines.map((line) => line.trim().replaceAll(/\s+/g, ' '))).toEqual([
    '#7 api main 3f2c1a9 ● running 0 s ago First',
    'prepare ● running',
    'prepare ✓ succeeded',
    'unit ● running',
    'unit ✓ succeeded',
    '✓ succeeded #7',
  ]);
});

test('on a terminal what is under way is shown in place', async () => {
  const text = await watched(true);
  const lines = plain(text).trimEnd().split('\n');
  expect(text).toMatch(/… +prepare {2}\d/);
  expect(lines.filter((line) => line.includes('● running')).length).toBe(1);
  // Each line that was replaced is erased first.
  expect(text.split('\r\u001b[2K').length).toBe(3);
  expect(lines.at(-1)).toContain('✓ succeeded #7');
});
