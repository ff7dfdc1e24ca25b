import type { RunSummary, ServiceDetail, TargetView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { boardRows, columnsOf, headline, isShown, serviceTone } from './board.ts';
import { targetState } from './target.ts';

const at = '2026-01-01T00:00:00.000Z';
const replica = {
  id: 'a',
  process: 'http',
  release: 3,
  phase: 'running',
  health: 'healthy',
  restarts: 0,
  reason: null,
} as const;

function target(change: Partial<TargetView> = {}): TargetView {
  return {
    environment: 'production',
    branch: 'main',
    admission: 'auto',
    url: 'http://api.localhost',
    release: {
      version: 3,
      live: true,
      artifact: 'sha256:1',
      commit: 'a'.repeat(40),
      cause: 'run',
      copiedFrom: null,
      run: 1,
      createdBy: 'ada',
      createdAt: at,
    },
    replicas: 1,
    running: [replica],
    workers: {},
    interrupts: false,
    hold: null,
    deployment: null,
    traffic: null,
    ...change,
  };
}

const run = (change: Partial<RunSummary>): RunSummary => ({
  run: 7,
  project: 'main',
  service: 'api',
  branch: 'main',
  commit: 'a'.repeat(40),
  message: 'Give books their own tax',
  author: 'Ada',
  trigger: 'push',
  requestedBy: 'ada',
  status: 'succeeded',
  reason: null,
  deadline: null,
  artifact: null,
  supersededBy: null,
  createdAt: at,
  startedAt: at,
  endedAt: at,
  ...change,
});

const service = (name: string, change: Partial<ServiceDetail> = {}): ServiceDetail => ({
  project: 'main',
  name,
  settings: {},
  gitUrl: '',
  environments: [target()],
  lastRun: run({}),
  ...change,
});

test('a target is as well as the replicas of its live release', () => {
  expect(targetState(target())).toMatchObject({ tone: 'good', word: 'healthy' });
  const sick = { ...replica, health: 'unhealthy', reason: 'GET / answers 503' } as const;
  expect(targetState(target({ running: [sick] }))).toMatchObject({
    tone: 'bad',
    word: '0 of 1 healthy',
    reason: 'GET / answers 503',
  });
  const older = { ...sick, release: 2 };
  expect(targetState(target({ running: [replica, older] })).tone).toBe('good');
  expect(targetState(target({ workers: { mailer: 1 } }))).toMatchObject({ tone: 'bad', word: 'mailer 0 of 1 running' });
  expect(targetState(target({ deployment: 4 })).tone).toBe('running');
  expect(targetState(target({ release: null })).tone).toBe('quiet');
});

test('the most urgent of a service is what it is like', () => {
  expect(serviceTone(service('api', { lastRun: run({ status: 'failed' }) }))).toBe('bad');
  expect(serviceTone(service('api', { lastRun: run({ status: 'waiting' }) }))).toBe('waiting');
  expect(serviceTone(service('api', { environments: [target({ running: [] })] }))).toBe('bad');
  expect(serviceTone(service('api'))).toBe('good');
});

test('a service is found by name, commit, author and message, and by its state', () => {
  const all = { text: '', project: null, state: 'all' } as const;
  const api = service('api');
  for (const text of ['AP', 'aaaaaaa', 'ada', 'books', '#7', 'v3']) expect(isShown(api, { ...all, text })).toBe(true);
  expect(isShown(api, { ...all, text: 'web' })).toBe(false);
  expect(isShown(api, { ...all, state: 'trouble' })).toBe(false);
  expect(isShown(api, { ...all, project: 'shop' })).toBe(false);
});

test('projects have headings only where there are several', () => {
  const rows = boardRows([service('a'), service('b', { project: 'shop' })]);
  expect(rows.map((row) => (row.kind === 'project' ? row.project : row.service.name))).toEqual([
    'main',
    'a',
    'shop',
    'b',
  ]);
  expect(boardRows([service('a')])).toHaveLength(1);
});

test('columns keep the order of each project', () => {
  const of = (...names: readonly string[]) =>
    service('x', { environments: names.map((environment) => target({ environment })) });
  expect(columnsOf([of('staging', 'production'), of('qa', 'staging', 'preprod', 'production')])).toEqual([
    'qa',
    'staging',
    'preprod',
    'production',
  ]);
});

test('the board in a sentence', () => {
  const bad = (name: string) => service(name, { lastRun: run({ status: 'failed' }) });
  const say = (services: ServiceDetail[], waiting: RunSummary[] = []) => headline({ services, waiting }).text;
  expect(say([service('a')])).toBe('Everything is fine');
  expect(say([service('a')], [run({})])).toBe('One run waits for a person');
  expect(say([bad('a'), bad('b'), service('c')])).toBe('a and b need a look');
  expect(say(['a', 'b', 'c', 'd'].map(bad))).toBe('4 of 4 services need a look');
});
