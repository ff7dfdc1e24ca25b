import { expect, test } from 'vitest';
import { describeSystem, type SystemInputs, urlOf } from './config-files.ts';
import { layoutOf } from './layout.ts';
import { firstSettings } from './settings.ts';

const part = (name: string) => ({ entry: `/opt/towpath/${name}/main.js`, code: [], manifests: [] });
const inputs: SystemInputs = {
  layout: layoutOf('/srv/towpath', { uid: 1000, root: false }),
  settings: { ...firstSettings({ PATH: '/usr/bin' }), servers: 2 },
  parts: {
    server: part('server'),
    router: part('router'),
    supervisor: part('supervisor'),
    modules: '/opt/node_modules',
  },
  databaseUrl: 'postgresql://u:hidden@localhost/x',
  postgres: { name: 'postgres', spec: { argv: ['postgres'], cwd: '/', env: {} } },
  node: '/opt/node',
};

test('PostgreSQL, router, servers: they are ended in the opposite order; the router waits for nobody', () => {
  const { system } = describeSystem(inputs).supervisor.config;
  expect(system.map(({ name, after = [] }) => [name, after])).toEqual([
    ['postgres', []],
    ['router', []],
    ['server-1', ['postgres']],
    ['server-2', ['postgres']],
  ]);
});

test("with somebody else's database there is none of ours", () => {
  const { system } = describeSystem({ ...inputs, postgres: null }).supervisor.config;
  expect(system.map(({ name, after = [] }) => [name, after])).toEqual([
    ['router', []],
    ['server-1', []],
    ['server-2', []],
  ]);
});

test('each part gets its configuration file, and the address of the database nowhere else', () => {
  const { supervisor, others } = describeSystem(inputs);
  expect(others.map(({ path }) => path)).toEqual(
    ['server-1', 'server-2', 'router'].map((name) => `/srv/towpath/config/${name}.json`),
  );
  expect(JSON.stringify(supervisor)).not.toContain('hidden');
  expect(JSON.stringify(others.at(-1))).not.toContain('hidden');
  const argv = supervisor.config.system.find(({ name }) => name === 'server-2')?.spec.argv;
  expect(argv?.slice(-2)).toEqual(['/opt/towpath/server/main.js', '/srv/towpath/config/server-2.json']);
});

test('a setting changes the specification of those parts that it concerns', () => {
  const builds = (changed: Partial<SystemInputs['settings']>) =>
    Object.fromEntries(
      describeSystem({ ...inputs, settings: { ...inputs.settings, ...changed } }).supervisor.config.system.map(
        ({ name, spec }) => [name, spec.env.TOWPATH_BUILD],
      ),
    );
  const [plain, domain, port] = [
    builds({}),
    builds({ domain: 'example.com' }),
    builds({ listen: { host: '::1', port: 1 } }),
  ];
  expect(domain['server-1']).not.toBe(plain['server-1']);
  expect(domain.router).toBe(plain.router);
  expect(port.router).not.toBe(plain.router);
  expect(builds({})).toEqual(plain);
});

test('every server takes pushes up to what was said, 2 GiB when nothing was', () => {
  const limits = (given: Partial<SystemInputs['settings']>) => {
    const { others } = describeSystem({ ...inputs, settings: { ...inputs.settings, ...given } });
    return others.flatMap(({ config }) => ('dataDir' in config ? [config.limits.pushBytes] : []));
  };
  expect(limits({})).toEqual([2_147_483_648, 2_147_483_648]);
  expect(limits({ maxPushMi: 3 })).toEqual([3_145_728, 3_145_728]);
});

test('an address that is listened on everywhere is reached on this host', () => {
  expect(urlOf({ host: '0.0.0.0', port: 80 })).toBe('http://127.0.0.1:80');
  expect(urlOf({ host: '::', port: 80 })).toBe('http://[::1]:80');
  expect(urlOf({ host: '2001:db8::1', port: 80 })).toBe('http://[2001:db8::1]:80');
  expect(urlOf({ host: 'towpath.internal', port: 80 })).toBe('http://towpath.internal:80');
});
