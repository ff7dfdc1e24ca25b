import { expect, it } from 'vitest';
import { SupervisorConfig } from './config.ts';

const spec = { argv: ['postgres'], cwd: '/', env: {} };
const config = (more: object) => SupervisorConfig.safeParse({ socket: '/run/s', dataDir: '/var/s', ...more });
const issues = (more: object) => config(more).error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);

it('fills in what may be left out', () => {
  expect(config({}).data).toEqual({ socket: '/run/s', dataDir: '/var/s', system: [] });
  const [postgres] =
    config({ system: [{ name: 'postgres', spec: { ...spec, stopSignal: 'SIGINT' } }] }).data?.system ?? [];
  expect(postgres).toMatchObject({
    after: [],
    readyTimeoutMs: 10_000,
    spec: { stopSignal: 'SIGINT', graceMs: 10_000, nice: 0 },
  });
});

it.each([
  [
    'a circle',
    [
      { name: 'a', spec, after: ['b'] },
      { name: 'b', spec, after: ['a'] },
    ],
    ['system.0.after.0: b does not come before a'],
  ],
  ['itself', [{ name: 'a', spec, after: ['a'] }], ['system.0.after.0: a does not come before a']],
  [
    'a name twice',
    [
      { name: 'a', spec },
      { name: 'a', spec },
    ],
    ['system.1.name: a is there twice'],
  ],
  ['an odd name', [{ name: '../a', spec }], ['system.0.name: must be lower-case letters, digits and -']],
  ['a relative folder', [{ name: 'a', spec: { ...spec, cwd: 'x' } }], ['system.0.spec.cwd: must be an absolute path']],
])('refuses %s', (_, system, expected) => {
  expect(issues({ system })).toEqual(expected);
});

it('refuses a socket whose path the kernel would cut', () => {
  expect(issues({ socket: `/${'é'.repeat(60)}` })?.[0]).toMatch(
    /^socket: is 121 bytes long; .*: choose a shorter one$/,
  );
});
