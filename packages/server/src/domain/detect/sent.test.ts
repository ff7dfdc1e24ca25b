import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findServices } from './detect.ts';
import { findLayer } from './layer.ts';
import { detectSent, listedFiles } from './sent.ts';
import { Fixtures } from './testing/fixture.ts';
import compiled from './testing/fixtures/compiled.json' with { type: 'json' };
import node from './testing/fixtures/node.json' with { type: 'json' };
import others from './testing/fixtures/others.json' with { type: 'json' };
import python from './testing/fixtures/python.json' with { type: 'json' };
import { type Tree, textsOf, viewOf } from './testing/view.ts';

/** Sends what is asked for until there is an answer; with how often it was asked. */
function ask(files: Tree, folder = '.', rounds = 5) {
  const all = textsOf(files);
  const names = [...all.keys()];
  const texts: Record<string, string | null> = {};
  for (let round = 1; ; round++) {
    const answer = detectSent({ names, texts, folder }, round >= rounds);
    if (!('need' in answer)) return { found: answer, round, sent: Object.keys(texts) };
    expect(answer.need.filter((path) => Object.hasOwn(texts, path))).toEqual([]);
    for (const path of answer.need) texts[path] = all.get(path) ?? null;
  }
}

const fixtures = Fixtures.parse([...node, ...python, ...compiled, ...others]);

describe('the same is found as with all texts at hand', () => {
  it.each(fixtures.map((each) => [each.name, each] as const))('%s', (_, { files, folder = '.' }) => {
    const { found, round } = ask(files, folder);
    const view = viewOf(files);
    const { layer, ...told } = findLayer(view, folder);
    expect(found).toMatchObject({ ...told, services: findServices(view) });
    expect(Object.fromEntries(found.settings.map(({ path, origin }) => [path, origin]))).toMatchObject(
      Object.fromEntries(
        Object.entries(layer.evidence)
          .filter(([path]) => !path.startsWith('processes.'))
          .map(([path, origin]) => [path, `detected: ${origin}`]),
      ),
    );
    expect(round).toBeLessThanOrEqual(5);
  });
});

it('only what is looked at is asked for', () => {
  const { sent } = ask({
    'package.json': { scripts: { start: 'node a.js' } },
    'a.js': '',
    'notes/b.js': '',
    '.env': 'A=1',
  });
  expect(sent).toContain('package.json');
  expect(sent).not.toContain('.env');
  expect(sent).not.toContain('notes/b.js');
});

it('a text that cannot be sent counts as absent, and a mistake is told once nothing more is needed', () => {
  const names = ['package.json'];
  expect(detectSent({ names, texts: { 'package.json': null }, folder: '.' }, false)).toMatchObject({ services: [] });
  expect(() => detectSent({ names, texts: { 'package.json': '{' }, folder: '.' }, false)).toThrow('package.json');
});

it('hostile names give an answer', () => {
  const part = fc.constantFrom('..', '.', '', 'a', 'package.json', 'src', '__proto__', 'constructor');
  const path = fc.array(part, { maxLength: 30 }).map((parts) => parts.join('/'));
  fc.assert(
    fc.property(fc.array(path, { maxLength: 30 }), path, (names, folder) => {
      const answer = detectSent({ names, texts: {}, folder: folder || '.' }, true);
      expect(answer).toHaveProperty('services');
    }),
  );
});

it('deep names cost little', () => {
  const deep = Array.from({ length: 2_000 }, (_, index) => `${index}/${'a/'.repeat(1_000)}b`);
  const began = performance.now();
  expect(listedFiles(deep, () => null).list('.')).toEqual([]);
  expect(performance.now() - began).toBeLessThan(5_000);
});
