import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Fuse } from '../engine/testing/memory.ts';
import type { Script } from '../executors/script.ts';
import { nextSegment, type RunRow, runById, updateRun } from '../store/runs.ts';
import type { ServiceRow } from '../store/services.ts';
import { setHold } from '../store/targets.ts';
import { RunWorld } from './testing/world.ts';

let world: RunWorld;

beforeAll(async () => {
  world = await RunWorld.open();
});

afterEach(() => {
  world.deploys = () => 'succeeded';
  world.executor.machine.knobs.script = () => [];
});

afterAll(async () => {
  await world.close();
});

const commands = { install: 'install', quality: 'lint', test: 'check', build: 'make', start: 'serve' };

/** What happens to one run, and how it must end. */
interface Scenario {
  readonly settings?: object;
  readonly files?: Record<string, string>;
  /** The stage whose command exits with 1. */
  readonly fails?: string;
  readonly before?: (service: ServiceRow, run: RunRow) => Promise<void>;
  /** While it goes. */
  readonly meanwhile?: (run: RunRow) => Promise<void>;
  /** Its install commands make a node_modules where there is none. */
  readonly installs?: true;
  /** A yes to what it waits for. */
  readonly answer?: true;
  readonly status: RunRow['status'];
  readonly reason: RegExp | null;
  /** Statuses of the stages, by their first letters. */
  readonly stages: string;
}

const scenarios: Record<string, Scenario> = {
  'passes, and waits': {
    status: 'waiting',
    reason: /^waits for approval of production/,
    stages: 'succ succ succ succ succ wait queu',
  },
  'goes on after the answer': {
    answer: true,
    status: 'succeeded',
    reason: null,
    stages: 'succ succ succ succ succ succ succ',
  },
  'does what an environment wants before its deployment': {
    settings: { ...commands, environments: { staging: { test: 'smoke', beforeDeploy: 'warm' } } },
    status: 'waiting',
    reason: /^waits for approval of production/,
    stages: 'succ succ succ succ succ wait queu',
  },
  'deploys nothing when that fails': {
    settings: { ...commands, environments: { staging: { beforeDeploy: 'warm' } } },
    fails: 'deploy/staging',
    status: 'failed',
    reason: /^deploy staging: before the deployment: exited with code 1$/,
    stages: 'succ succ succ succ fail skip skip',
  },
  'skips checks without a command': {
    settings: { start: 'serve' },
    status: 'waiting',
    reason: /^waits/,
    stages: 'succ skip skip succ succ wait queu',
  },
  'fails at prepare': {
    fails: 'prepare',
    status: 'failed',
    reason: /^prepare: exited with code 1$/,
    stages: 'fail skip skip skip skip skip skip',
  },
  'fails at quality': {
    fails: 'quality',
    status: 'failed',
    reason: /^quality: exited/,
    stages: 'succ fail skip skip skip skip skip',
  },
  'fails at unit': {
    fails: 'unit',
    status: 'failed',
    reason: /^unit: exited/,
    stages: 'succ succ fail skip skip skip skip',
  },
  'fails at build': {
    fails: 'build',
    status: 'failed',
    reason: /^build: exited/,
    stages: 'succ succ succ fail skip skip skip',
  },
  'finds nothing to start': {
    settings: { test: 'check' },
    status: 'failed',
    reason: /^prepare: Which command starts the service\?.*; tell how: towpath service set/,
    stages: 'fail skip skip skip skip skip skip',
  },
  'cannot read its manifest': {
    settings: {},
    files: { 'package.json': '{' },
    status: 'failed',
    reason: /^prepare: package.json cannot be read/,
    stages: 'fail skip skip skip skip skip skip',
  },
  'installs what its lock file says': {
    settings: { build: 'make', start: 'serve' },
    files: {
      'package.json': JSON.stringify({ dependencies: { a: '1' } }),
      'package-lock.json': '{}',
    },
    installs: true,
    status: 'waiting',
    reason: /^waits/,
    stages: 'succ skip skip succ succ wait queu',
  },
  'fails to deploy': {
    before: async () => {
      world.deploys = () => 'failed';
    },
    status: 'failed',
    reason: /^deploy staging: failed on purpose$/,
    stages: 'succ succ succ succ fail skip skip',
  },
  'is rolled back': {
    before: async () => {
      world.deploys = () => 'rolled_back';
    },
    status: 'rolled_back',
    reason: /^deploy staging: rolled_back on purpose$/,
    stages: 'succ succ succ succ roll skip skip',
  },
  'is superseded before it deploys': {
    before: async (service) => {
      await world.push(service);
    },
    status: 'superseded',
    reason: /^superseded by run #\d+$/,
    stages: 'succ succ succ succ supe supe supe',
  },
  'meets a hold': {
    before: async (service) => {
      const { row } = await world.target(service, 'production');
      await setHold(world.house.db, row.id, { by: 'bob', reason: 'a sale' });
    },
    status: 'succeeded',
    reason: /^deploy production: held by bob: a sale$/,
    stages: 'succ succ succ succ succ skip skip',
  },
  'is cancelled in the middle': {
    meanwhile: async (run) => {
      const { machine } = world.executor;
      const begun = async () => (machine.marks(`${run.id}`).count > 0 ? true : null);
      await world.house.changes.until('run', run.id, begun, { pollMs: 20 });
      await updateRun(world.house.db, run.id, { cancelledBy: 'bob' });
    },
    fails: 'nothing',
    status: 'cancelled',
    reason: /^unit: cancelled by bob$/,
    stages: 'succ succ canc skip skip skip skip',
  },
};

/** Plays a scenario with a new service, up to the run's end or wait. */
async function play(scenario: Scenario, fuse?: Fuse, where?: 'stages' | 'calls'): Promise<RunRow> {
  const { settings = commands, files, fails, before, meanwhile, installs, answer } = scenario;
  const service = await world.service(settings);
  const run = await world.push(service, files);
  await before?.(service, run);
  world.executor.machine.knobs.script = ({ cwd, env }, key): Script => {
    if (installs && env.TOWPATH_RESTORED === undefined) {
      mkdirSync(join(cwd, 'node_modules'), { recursive: true });
      writeFileSync(join(cwd, 'node_modules/a.js'), 'a');
    }
    if (meanwhile !== undefined && key.includes(':unit:'))
      return [
        { do: 'mark', name: key.split(':')[0] ?? '' },
        { do: 'await-gate', name: 'never' },
      ];
    return [{ do: 'exit', code: key.includes(`:${fails}:`) ? 1 : 0 }];
  };
  const [ended] = await Promise.all([world.begin(run, answer ? undefined : fuse, where), meanwhile?.(run)]);
  if (!answer) return ended;
  await nextSegment(world.house.db, await runById(world.house.db, run.id), 6);
  return world.walk(run, fuse, where);
}

const cases = Object.entries(scenarios);

describe('a run', () => {
  test.each(cases)('%s', async (_name, scenario) => {
    const run = await play(scenario);
    expect(run.status).toBe(scenario.status);
    if (scenario.reason === null) expect(run.reason).toBeNull();
    else expect(run.reason).toMatch(scenario.reason);
    const { stages } = (await world.record(run.id)) as { stages: { status: string }[] };
    expect(stages.map((stage) => stage.status.slice(0, 4)).join(' ')).toBe(scenario.stages);
  });
});

/** Crashes the scenario at one place after the other, until it has no further one; each record must be the one without a crash. */
async function crashEverywhere(scenario: Scenario, where: 'stages' | 'calls'): Promise<number> {
  const expected = await world.record((await play(scenario)).id);
  for (let place = 0; ; place++) {
    const fuse = new Fuse(place);
    const run = await play(scenario, fuse, where);
    expect(await world.record(run.id), `crashed at place ${place}`).toEqual(expected);
    if (!fuse.burnt) return place;
  }
}

describe('after a crash before, between or after the stages the record is the same, for a run that', () => {
  test.each(cases)('%s', { timeout: 300_000 }, async (_name, scenario) => {
    expect(await crashEverywhere(scenario, 'stages')).toBeGreaterThanOrEqual(4);
  });
});

describe('after a crash before or after any call of a driver the record is the same, for a run that', () => {
  const names = [
    'passes, and waits',
    'installs what its lock file says',
    'goes on after the answer',
    'fails at build',
    'is cancelled in the middle',
  ];
  test.each(names)('%s', { timeout: 300_000 }, async (name) => {
    const scenario = scenarios[name];
    if (scenario === undefined) throw new Error(name);
    expect(await crashEverywhere(scenario, 'calls')).toBeGreaterThanOrEqual(2);
  });
});
