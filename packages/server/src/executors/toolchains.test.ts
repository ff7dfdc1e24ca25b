import { expect, test } from 'vitest';
import { requireToolchains } from './toolchains.ts';

const node = {
  name: 'node',
  version: '22.14.0',
  place: '~/.nvm',
  program: '/home/ann/.nvm/node',
  bin: '/home/ann/.nvm',
  env: {},
};

test('what was removed since is named, with the way out', async () => {
  const require = (there: boolean) =>
    requireToolchains({ isThere: async () => there }, [node], 'the stage', 'push again');
  await expect(require(true)).resolves.toBeUndefined();
  await expect(require(false)).rejects.toMatchObject({
    code: 'toolchain_missing',
    message: 'the stage runs with node 22.14.0, and /home/ann/.nvm/node is gone',
    help: 'Install node 22.14.0 again where it was (~/.nvm), or push again.',
  });
});
