import { EnvironmentLayer, SettingsLayer } from '@towpath/contract';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  defaultLayer,
  detectedLayer,
  type Layer,
  leavesOf,
  overlay,
  projectLayer,
  resolve,
  serviceLayer,
} from './layers.ts';

const found = detectedLayer(
  { quality: { lint: 'npm run lint', types: 'npm run types' }, test: 'npm test', start: 'npm start' },
  new Map([
    ['quality.lint', 'package.json, script "lint"'],
    ['quality', 'package.json'],
    ['test', 'package.json, script "test"'],
  ]),
);
const file = (values: SettingsLayer): Layer => ({ values, origin: (path) => `towpath.yaml, ${path}` });
const values = (layers: readonly Layer[], environment?: string) =>
  Object.fromEntries(resolve(layers, environment).origins.map(({ path, value }) => [path, value]));

describe('resolve', () => {
  test('without anything given, the defaults hold', () => {
    const { settings, origins, problems } = resolve([defaultLayer]);
    expect(settings).toMatchObject({
      folder: '.',
      branch: 'main',
      replicas: 1,
      health: { path: '/', startMs: 60_000 },
      stageMs: 1_800_000,
      drainMs: 30_000,
    });
    expect(origins).toContainEqual({ path: 'health.path', value: '/', origin: 'default' });
    expect(problems).toEqual([]);
  });

  test('every value says where it comes from', () => {
    const layers = [
      defaultLayer,
      found,
      projectLayer('shop', { timeouts: { stage: '1h' } }),
      file({ health: { path: '/up' }, environments: { production: { replicas: 3 } } }),
      serviceLayer({ test: 'make test', environments: { production: { env: { LEVEL: 'warn' } } } }),
    ];
    expect(Object.fromEntries(resolve(layers, 'production').origins.map(({ path, origin }) => [path, origin]))).toEqual(
      {
        folder: 'default',
        branch: 'default',
        replicas: 'towpath.yaml, environments.production.replicas',
        'health.path': 'towpath.yaml, health.path',
        'health.startTimeout': 'default',
        'timeouts.stage': 'project shop',
        'timeouts.drain': 'default',
        'quality.lint': 'detected: package.json, script "lint"',
        'quality.types': 'detected: package.json',
        test: 'service settings',
        start: 'detected: this repository',
        'env.LEVEL': 'service settings for production',
      },
    );
  });

  test.each<[what: string, layers: Layer[], environment: string | undefined, expected: object]>([
    [
      'maps are merged by key',
      [file({ env: { A: '1', B: '1' } }), serviceLayer({ env: { B: '2' } })],
      undefined,
      { 'env.A': '1', 'env.B': '2' },
    ],
    ['null removes a variable', [file({ env: { A: '1' } }), serviceLayer({ env: { A: null } })], undefined, {}],
    [
      'a check is added',
      [file({ quality: { lint: 'a' } }), serviceLayer({ quality: { types: 'b' } })],
      undefined,
      { 'quality.lint': 'a', 'quality.types': 'b' },
    ],
    [
      'a check is switched off',
      [file({ quality: { lint: 'a', types: 'b' } }), serviceLayer({ quality: { lint: false } })],
      undefined,
      { 'quality.lint': false, 'quality.types': 'b' },
    ],
    [
      'one command takes the place of all checks',
      [file({ quality: { lint: 'a', types: 'b' } }), serviceLayer({ quality: 'make' })],
      undefined,
      { quality: 'make' },
    ],
    [
      'all checks are switched off',
      [file({ quality: { lint: 'a' } }), serviceLayer({ quality: false })],
      undefined,
      { quality: false },
    ],
    ['false switches off', [file({ test: 'a' }), serviceLayer({ test: false })], undefined, { test: false }],
    [
      'a folder takes the place of a command',
      [file({ start: 'a' }), serviceLayer({ static: 'dist' })],
      undefined,
      { static: 'dist' },
    ],
    [
      'lists are replaced',
      [file({ triggers: { branches: ['a'], tags: ['v*'] } }), serviceLayer({ triggers: { branches: ['b'] } })],
      undefined,
      { 'triggers.branches': ['b'], 'triggers.tags': ['v*'] },
    ],
    [
      'a process is completed',
      [file({ processes: { m: { command: 'a' } } }), serviceLayer({ processes: { m: { replicas: 3 } } })],
      undefined,
      { 'processes.m.command': 'a', 'processes.m.replicas': 3 },
    ],
    [
      'a process is left out',
      [file({ processes: { m: { command: 'a' } } }), serviceLayer({ processes: { m: false } })],
      undefined,
      { 'processes.m': false },
    ],
    [
      'an environment wins over what its layer says for all',
      [file({ replicas: 1, environments: { production: { replicas: 2 } } })],
      'production',
      { replicas: 2 },
    ],
    [
      'another environment does not',
      [file({ replicas: 1, environments: { production: { replicas: 2 } } })],
      'staging',
      { replicas: 1 },
    ],
    [
      'a stronger layer wins over the environment of a weaker one',
      [file({ environments: { production: { replicas: 2 } } }), serviceLayer({ replicas: 5 })],
      'production',
      { replicas: 5 },
    ],
    ['an environment is called like a part of every object', [file({ replicas: 1 })], 'constructor', { replicas: 1 }],
  ])('%s', (_what, layers, environment, expected) => {
    expect(values(layers, environment)).toEqual(expected);
  });

  test('a process without a command, and a job with replicas, are told', () => {
    const { settings, problems } = resolve([
      file({
        processes: {
          mailer: { replicas: 2 },
          report: { kind: 'job', command: 'a', replicas: 2 },
          http: { command: 'b' },
        },
      }),
    ]);
    expect(problems).toEqual([
      'processes.mailer: has no command (towpath.yaml, processes.mailer); give it one, or false to leave the process out',
      'processes.report.replicas: a job has none (towpath.yaml, processes.report.replicas); it runs once when it is asked for',
      'processes.http: http is what `start` runs (towpath.yaml, processes.http.command); choose another name',
    ]);
    expect(settings.processes).toEqual({
      report: { kind: 'job', command: 'a', replicas: 1, swap: 'overlap' },
      http: { kind: 'worker', command: 'b', replicas: 1, swap: 'overlap' },
    });
  });
});

describe('for all settings', () => {
  const command = fc.constantFrom('a', 'b', 'c');
  const off = fc.constant<false>(false);
  const name = fc.constantFrom('lint', 'types', 'quality');
  const differing = {
    test: fc.oneof(command, off),
    processes: fc.dictionary(
      fc.constantFrom('mailer', 'report'),
      fc.oneof(
        off,
        fc.record(
          { kind: fc.constantFrom('worker' as const, 'job' as const), command, replicas: fc.nat(9) },
          { requiredKeys: [] },
        ),
      ),
    ),
    replicas: fc.nat(9),
    health: fc.record(
      { path: fc.constantFrom('/', '/up'), startTimeout: fc.constantFrom('5s', '1m') },
      { requiredKeys: [] },
    ),
    env: fc.dictionary(
      fc.constantFrom('A', 'B', 'constructor'),
      fc.oneof(fc.string({ maxLength: 3 }), fc.constant(null)),
    ),
  };
  const environment = fc.record(
    { ...differing, deploy: fc.constantFrom('auto' as const, 'manual' as const), beforeDeploy: fc.oneof(command, off) },
    { requiredKeys: [] },
  );
  const layer = fc
    .record(
      {
        ...differing,
        install: fc.oneof(command, off),
        quality: fc.oneof(command, off, fc.dictionary(name, fc.oneof(command, off))),
        start: command,
        static: fc.constantFrom('dist', 'public'),
        triggers: fc.record({ branches: fc.constant(['main']), tags: fc.constant(['v*']) }, { requiredKeys: [] }),
        environments: fc.dictionary(fc.constantFrom('production', 'staging'), environment),
      },
      { requiredKeys: [] },
    )
    .map((given): SettingsLayer => {
      const parsed = SettingsLayer.safeParse(given);
      const { static: _, ...rest } = given;
      return parsed.success ? parsed.data : SettingsLayer.parse(rest);
    });
  const where = fc.constantFrom(undefined, 'production', 'other');
  const named = (all: readonly SettingsLayer[]): Layer[] =>
    all.map((each, index) => ({ values: each, origin: (path) => `${index} ${path}` }));

  test('which layers are merged first makes no difference', () => {
    fc.assert(
      fc.property(layer, layer, layer, where, (...[one, two, three, at]) => {
        const [a, b, c] = named([one, two, three]).map((each) => leavesOf(each, at));
        if (a === undefined || b === undefined || c === undefined) throw new Error('three were given');
        const sorted = (leaves: ReturnType<typeof overlay>) => [...leaves].toSorted(([x], [y]) => (x < y ? -1 : 1));
        expect(sorted(overlay(overlay(a, b), c))).toEqual(sorted(overlay(a, overlay(b, c))));
      }),
      { numRuns: 1_000 },
    );
  });

  test('the strongest layer wins: what it gives holds as it gives it', () => {
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 3 }), layer, where, (weaker, strongest, at) => {
        const held = values(named([...weaker, strongest]), at);
        for (const { path, value } of resolve(named([strongest]), at).origins) {
          // A single check has a name again once there are others beside it.
          if (!path.startsWith('quality')) expect(held[path]).toEqual(value);
        }
      }),
    );
  });

  test('every value has an origin, and the layer that it names gives it', () => {
    fc.assert(
      fc.property(fc.array(layer, { minLength: 1, maxLength: 4 }), where, (layers, at) => {
        const { origins } = resolve(named(layers), at);
        expect(new Set(origins.map(({ path }) => path)).size).toBe(origins.length);
        for (const { origin } of origins) {
          const [, index = '', path = ''] = /^(\d) (.+)$/.exec(origin) ?? [];
          const [top = ''] = path.split('.');
          expect(layers[Number(index)]).toHaveProperty(top);
        }
      }),
    );
  });

  test('the same layers give the same, and no layer is changed', () => {
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 4 }), where, (layers, at) => {
        const before = structuredClone(layers);
        expect(resolve(named(layers), at)).toEqual(resolve(named(structuredClone(layers)), at));
        expect(layers).toEqual(before);
      }),
    );
  });

  test('an empty layer changes nothing', () => {
    fc.assert(
      fc.property(fc.array(layer, { maxLength: 3 }), where, (layers, at) => {
        expect(resolve([...named(layers), { values: {}, origin: () => 'empty' }], at)).toEqual(
          resolve(named(layers), at),
        );
      }),
    );
  });

  test('what an environment can say is known everywhere else too, apart from how it is entered', () => {
    const own = new Set(Object.keys(SettingsLayer.shape));
    const alone = Object.keys(EnvironmentLayer.shape).filter((key) => !own.has(key));
    expect(alone).toEqual(['deploy', 'approvalTimeout', 'beforeDeploy']);
  });
});
