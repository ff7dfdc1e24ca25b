import { expect, test } from 'vitest';
import { programsEnv } from './programs.ts';

const java = {
  ...{ name: 'java', version: '21', place: '~/.jdks', bin: '/jdk/bin', program: '/jdk/bin/java' },
  env: { JAVA_HOME: '/jdk' },
};

test("programs of dependencies come first, then the chosen toolchain's, then the PATH", () => {
  expect(programsEnv('/app', { path: ['node_modules/.bin'], toolchains: [java] }, '/usr/bin')).toEqual({
    PATH: '/app/node_modules/.bin:/jdk/bin:/usr/bin',
    JAVA_HOME: '/jdk',
  });
});

test('without a PATH nothing empty is left, which would be the folder itself', () => {
  expect(programsEnv('/app', { path: ['bin'], toolchains: [] }).PATH).toBe('/app/bin');
});

test('without any nothing changes', () => {
  expect(programsEnv('/app', { path: [], toolchains: [] }, '/usr/bin')).toEqual({});
});
