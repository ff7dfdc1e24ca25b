import { expect, test } from 'vitest';
import { downloadVariables, settingsLinks } from './downloads.ts';

const folders = { shared: '/data/1-trusted/shared', own: '/data/1-trusted/own/7' };

test('every package manager is led to a folder, and shares it only where it is known to bear that', () => {
  expect(downloadVariables(folders)).toEqual({
    npm_config_cache: '/data/1-trusted/shared/npm',
    PNPM_HOME: '/data/1-trusted/shared/pnpm',
    PIP_CACHE_DIR: '/data/1-trusted/shared/pip',
    UV_CACHE_DIR: '/data/1-trusted/shared/uv',
    GOMODCACHE: '/data/1-trusted/shared/go-modules',
    GOCACHE: '/data/1-trusted/shared/go-build',
    CARGO_HOME: '/data/1-trusted/shared/cargo',
    POETRY_CACHE_DIR: '/data/1-trusted/own/7/poetry',
    POETRY_VIRTUALENVS_IN_PROJECT: 'true',
    PIPENV_CACHE_DIR: '/data/1-trusted/own/7/pipenv',
    BUN_INSTALL_CACHE_DIR: '/data/1-trusted/own/7/bun',
    YARN_GLOBAL_FOLDER: '/data/1-trusted/own/7/yarn',
    YARN_ENABLE_GLOBAL_CACHE: 'false',
    XDG_CACHE_HOME: '/data/1-trusted/own/7/xdg',
  });
});

test("no two of them are led to the same folder, nor into another's", () => {
  const all = Object.values(downloadVariables(folders)).filter((value) => value.startsWith('/'));
  for (const one of all) {
    for (const other of all) if (one !== other) expect(`${one}/`.startsWith(`${other}/`)).toBe(false);
  }
  expect(new Set(all).size).toBe(all.length);
});

test("Cargo's settings and credentials stay in its sight, wherever they are", () => {
  const to = '/data/1-trusted/shared/cargo/credentials.toml';
  expect(settingsLinks(folders, { HOME: '/home/ann' })).toContainEqual({
    from: '/home/ann/.cargo/credentials.toml',
    to,
  });
  expect(settingsLinks(folders, { HOME: '/home/ann', CARGO_HOME: '/opt/cargo' })).toContainEqual({
    from: '/opt/cargo/credentials.toml',
    to,
  });
  expect(settingsLinks(folders, {})).toEqual([]);
});
