import { afterEach, beforeEach, expect, test } from 'vitest';
import { diskCheck, doctor, versionIn } from './doctor.ts';
import { ada, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
});
afterEach(async () => {
  await world.close();
});

const look = async (baseEnv: Record<string, string>) => {
  const config = { ...world.house.config, baseEnv };
  const { checks } = await doctor({ ...world.house, config }, ada, undefined);
  return Object.fromEntries(checks.map((each) => [each.name, each]));
};

test('what is well says what was found', async () => {
  const checks = await look({ PATH: process.env.PATH ?? '' });
  for (const name of ['server', 'router', 'supervisor', 'PostgreSQL', 'git']) {
    expect(checks[name]).toMatchObject({ status: 'ok', help: null });
  }
  expect(checks.git?.found).toMatch(/^\d+\.\d+/);
  expect(checks['disk space']?.found).toContain(world.house.config.dataDir);
});

test('what is missing says what cannot be done, and what to do', async () => {
  const checks = await look({ PATH: '/nowhere' });
  expect(checks.git).toMatchObject({ status: 'broken', found: expect.stringContaining('nothing can be pushed') });
  expect(checks.go).toMatchObject({ status: 'absent', help: expect.stringContaining('towpath up --take-env') });
});

test('a part that is away is broken, and the others are looked at all the same', async () => {
  world.house.router.router.faults.away = 1;
  const checks = await look({ PATH: '/nowhere' });
  expect(checks.router).toMatchObject({ status: 'broken', help: expect.stringContaining('towpath up') });
  expect(checks.PostgreSQL?.status).toBe('ok');
});

test.each([
  [50, 'ok'],
  [1, 'warning'],
  [0.1, 'broken'],
])('%d GiB free are %s', (free, status) => {
  expect(diskCheck('/data', free * 1024 ** 3, 100 * 1024 ** 3)).toMatchObject({ status });
});

test.each([
  ['go version go1.22.1 linux/amd64', '1.22.1'],
  ['v24.21.0\n', '24.21.0'],
  ['openjdk version "21.0.2" 2024-01-16\n', '21.0.2'],
  ['something else\nmore', 'something else'],
])('the version in %j', (said, number) => {
  expect(versionIn(said)).toBe(number);
});
