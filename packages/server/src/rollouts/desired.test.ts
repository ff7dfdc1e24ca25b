import { expect, test } from 'vitest';
import { ReleaseConfig } from '../domain/release/config.ts';
import type { ReleaseRow } from '../store/releases.ts';
import type { Target } from '../store/targets.ts';
import { desiredRelease, wholeCounts } from './desired.ts';

const target = {
  row: { id: 7, replicas: 2, workers: { mailer: 4 } },
  service: { name: 'api' },
  environment: { name: 'production' },
  project: 'shop',
} as unknown as Target;

const config = (more: object) =>
  ReleaseConfig.parse({
    start: { kind: 'command', command: 'serve' },
    folder: 'services/api',
    health: {},
    drainMs: 1_000,
    env: { LEVEL: 'info', COLOUR: 'red' },
    variables: { COLOUR: 'green' },
    ...more,
  });

const parts = (more: object) => ({
  target,
  release: { id: 12, version: 3, commit: 'abc', config: config(more) } as ReleaseRow,
  folder: '/bundles/1',
  dataFolder: '/data/1/2',
  secrets: { TOKEN: 'secret' },
  baseEnv: { PATH: '/bin' },
  serveFolder: (folder: string) => ['serve', folder] as const,
});

const worker = { kind: 'worker', command: 'mail' };
const processes = { mailer: worker, constructor: worker, report: { kind: 'job', command: 'report' } };

test('settings say how many, until somebody said otherwise; a name that every object has is a name', () => {
  expect(wholeCounts(target, config({ processes }))).toEqual({ http: 2, workers: { mailer: 4, constructor: 1 } });
  expect(wholeCounts(target, config({ start: null })).http).toBe(0);
});

test('each process has its command and the same folder and environment; a job is none', () => {
  const { processes: desired } = desiredRelease(parts({ processes }), { http: 2, workers: { mailer: 4 } });
  expect(desired.map(({ type, name, replicas, argv }) => [type, name, replicas, argv.at(-1)])).toEqual([
    ['http', 'http', 2, 'serve'],
    ['worker', 'mailer', 4, 'mail'],
    ['worker', 'constructor', 0, 'mail'],
  ]);
  for (const { cwd, env } of desired) {
    expect(cwd).toBe('/bundles/1/services/api');
    expect(env).toEqual({
      PATH: '/bin',
      NODE_ENV: 'production',
      PYTHONDONTWRITEBYTECODE: '1',
      LEVEL: 'info',
      COLOUR: 'green',
      TOKEN: 'secret',
      TOWPATH_DATA: '/data/1/2',
      TOWPATH_TARGET: 'shop/api/production',
      TOWPATH_RELEASE: 'v3',
      TOWPATH_COMMIT: 'abc',
    });
  }
});

test('a service without http has workers only', () => {
  const { processes: desired } = desiredRelease(parts({ start: null, processes }), { http: 2, workers: { mailer: 1 } });
  expect(desired.map(({ name }) => name)).toEqual(['mailer', 'constructor']);
});
