import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Tool } from '../detect/found.ts';
import { choose, inWords } from './choose.ts';
import type { FoundToolchain } from './toolchain.ts';
import { keptTool, wishesOf } from './wishes.ts';

function found(name: string, version: string, place: string, more: Partial<FoundToolchain> = {}): FoundToolchain {
  const bin = `/opt/${name}/${version}/bin`;
  return { name, version, place, bin, program: `${bin}/${name}`, env: {}, onPath: place === 'on the PATH', ...more };
}

function chosen(
  tool: Tool,
  all: readonly FoundToolchain[],
  commands = ['npm ci', 'pnpm test', 'cargo build', 'python3 x'],
) {
  const [wish] = wishesOf({ runtime: {}, origins: [] }, [tool], commands);
  if (wish === undefined) throw new Error('it is no wish');
  const { found, changes, line, refusal, remark } = choose(wish, all, 'api');
  return { uses: found === null ? null : inWords(found), changes, line, refusal, remark };
}

const nvmrc = (wanted: string) => ({ name: 'node', wanted, origin: '.nvmrc' });
const engines = (wanted: string | null) => ({ name: 'node', wanted, origin: 'package.json, "engines.node"' });
const path20 = found('node', '20.20.2', 'on the PATH');
const nvm = ['18.19.1', '22.14.0', '22.9.0'].map((version) => found('node', version, '~/.nvm'));

test('what the PATH has is taken when it will do, also where a newer one is there', () => {
  expect(chosen(engines('>=18'), [...nvm, path20])).toEqual({
    uses: '20.20.2 (on the PATH)',
    changes: false,
    line: 'node 20.20.2 (on the PATH, wanted by package.json, "engines.node": >=18)',
    refusal: null,
    remark: null,
  });
});

test('else the newest that will do goes before the PATH', () => {
  expect(chosen(nvmrc('22'), [path20, ...nvm])).toMatchObject({
    uses: '22.14.0 (~/.nvm)',
    changes: true,
    line: 'node 22.14.0 (~/.nvm, wanted by .nvmrc: 22)',
    refusal: null,
  });
});

test('a stand-in on the PATH decides in each folder anew: what it stands for is made certain', () => {
  const shim = found('python', '3.11.7', '~/.pyenv', { onPath: true, standIn: true });
  const wish = { name: 'python', wanted: '>=3.10', origin: 'pyproject.toml, "project.requires-python"' };
  expect(chosen(wish, [shim])).toMatchObject({ uses: '3.11.7 (~/.pyenv)', changes: true });
  expect(chosen({ ...wish, wanted: null }, [shim])).toMatchObject({ changes: false, line: null });
});

test('a pin that nothing fits is refused, with what is there and the way out', () => {
  expect(chosen(nvmrc('24'), [path20, ...nvm]).refusal).toBe(
    'node 24, wanted by .nvmrc, is not on this machine: there is 20.20.2 (on the PATH), 22.14.0 (~/.nvm), 22.9.0 (~/.nvm), 18.19.1 (~/.nvm). ' +
      'Get it: nvm install 24 (https://github.com/nvm-sh/nvm); or take another: towpath service set api --runtime node=20.20.2',
  );
  expect(chosen(nvmrc('24'), []).refusal).toBe(
    'node 24, wanted by .nvmrc, is not on this machine: no other is there. Get it: nvm install 24 (https://github.com/nvm-sh/nvm)',
  );
});

test('of very many only some are named', () => {
  const many = Array.from({ length: 50 }, (_, index) => found('node', `18.${index}.0`, '~/.nvm'));
  expect(chosen(nvmrc('24'), many).refusal).toContain('18.44.0 (~/.nvm) and 44 more. Get it');
});

test('a range that nothing fits is only told: npm itself goes on, too', () => {
  const told =
    'node 20.20.2 (on the PATH) is not what package.json, "engines.node" wants: >=26; it is used all the same, since npm itself only warns. ' +
    'To get the other: nvm install 26 (https://github.com/nvm-sh/nvm)';
  expect(chosen(engines('>=26'), [path20, ...nvm])).toEqual({
    uses: '20.20.2 (on the PATH)',
    changes: false,
    line: told,
    refusal: null,
    remark: told,
  });
  expect(chosen(engines('>=26'), nvm)).toMatchObject({ uses: '22.14.0 (~/.nvm)', changes: true, refusal: null });
});

test('without any wish it must only be there: on the PATH, or anywhere', () => {
  expect(chosen(engines(null), [path20])).toMatchObject({ changes: false, line: null, refusal: null });
  expect(chosen(engines(null), nvm)).toMatchObject({
    changes: true,
    line: 'node 22.14.0 (~/.nvm, for package.json, "engines.node")',
  });
});

test('what is nowhere is refused where a command names it, and told elsewhere', () => {
  expect(chosen({ name: 'go', wanted: '>=1.22', origin: 'go.mod, line "go"' }, [], ['go build .']).refusal).toBe(
    'go is not on this machine (wanted by go.mod, line "go": >=1.22). Get it: unpack Go 1.22 of https://go.dev/dl',
  );
  const told = chosen({ name: 'go', wanted: '>=1.22', origin: 'go.mod, line "go"' }, [], ['make']);
  expect(told).toMatchObject({ refusal: null, remark: expect.stringContaining('no command names it') });
});

test('what cannot be read is told, and what is there is used', () => {
  const wish = { name: 'python', wanted: 'pypy3.9\n\u001b[31m', origin: '.python-version' };
  expect(chosen(wish, [found('python', '3.11.2', 'on the PATH')])).toMatchObject({
    changes: false,
    refusal: null,
    line: 'python 3.11.2 (on the PATH); .python-version says pypy3.9\\n\\u001b[31m, which is no version that can be read',
  });
});

test('corepack, or a pnpm that fetches, will do for what package.json names', () => {
  const pin = { name: 'pnpm', wanted: '10.4.1', origin: 'package.json, "packageManager"' };
  const corepack = found('pnpm', '', '/usr/bin/corepack', { fetches: 'corepack' });
  const old = found('pnpm', '9.1.0', 'on the PATH');
  const ten = found('pnpm', '10.2.0', 'on the PATH', { fetches: 'pnpm 10.2.0' });
  const same = found('pnpm', '10.4.1', 'on the PATH', { fetches: 'pnpm 10.4.1' });
  expect(chosen(pin, [same, corepack])).toMatchObject({ uses: '10.4.1 (on the PATH)', changes: false });
  expect(chosen(pin, [old, corepack])).toMatchObject({ uses: 'through corepack', changes: true });
  expect(chosen(pin, [ten, corepack])).toMatchObject({ uses: 'through pnpm 10.2.0', changes: false });
  expect(chosen(pin, [old]).refusal).toMatch(/^pnpm 10\.4\.1, .* there is 9\.1\.0 \(on the PATH\)\. Get it: [^;]+$/);
  expect(chosen(pin, [ten]).line).toBe('pnpm (through pnpm 10.2.0, wanted by package.json, "packageManager": 10.4.1)');
  const any = { name: 'pnpm', wanted: '>=9', origin: 'pnpm-lock.yaml' };
  expect(chosen(any, [corepack])).toMatchObject({ uses: 'through corepack', changes: true });
  expect(chosen(any, [ten, corepack])).toMatchObject({ uses: '10.2.0 (on the PATH)', changes: false });
});

test('whatever a commit says, a line stays one line of a bounded length', () => {
  const text = fc.string({ unit: 'binary', maxLength: 1_000 });
  fc.assert(
    fc.property(fc.constantFrom('node', 'python', 'rust', 'java', 'pnpm'), text, text, (name, wanted, origin) => {
      const { line, refusal } = chosen(keptTool({ name, wanted, origin }), [found(name, '1.2.3', 'on the PATH')]);
      for (const each of [line ?? '', refusal ?? '']) {
        expect(each).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
        expect(each.length).toBeLessThan(1_500);
      }
    }),
  );
});

test('rustup gets what rust-toolchain.toml names; the settings it does not read', () => {
  const proxy = found('rust', '1.95.0', '~/.rustup', { onPath: true, standIn: true, fetches: 'rustup' });
  const file = { name: 'rust', wanted: '1.80', origin: 'rust-toolchain.toml' };
  expect(chosen(file, [proxy])).toMatchObject({ uses: 'through rustup', changes: false, refusal: null });
  const [given] = wishesOf({ runtime: { rust: '1.80' }, origins: [] }, [], []);
  if (given === undefined) throw new Error('it is no wish');
  expect(choose(given, [proxy], 'api').refusal).toContain('rust 1.80, wanted by settings, is not on this machine');
});
