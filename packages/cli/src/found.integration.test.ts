import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Client } from '@towpath/client';
import type { DetectAnswer, FoundView } from '@towpath/contract';
import { expect, test } from 'vitest';
import { lookAt, textOf } from './found.ts';
import { temporaryFolder } from './system/testing/scene.ts';

const found: FoundView = { kind: null, settings: [], notices: [], question: null, services: [] };

/** A repository with these files, none of them committed. */
function repository(files: Record<string, string>): string {
  const top = temporaryFolder();
  execFileSync('git', ['init', '--quiet', top]);
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(top, path)), { recursive: true });
    writeFileSync(join(top, path), text);
  }
  return top;
}

/** A server that answers one after the other; with what it was sent. */
function server(...answers: (readonly string[] | FoundView)[]) {
  const sent: { names: readonly string[]; texts: Record<string, string | null>; final: boolean }[] = [];
  const call = async (_name: string, input: { body: (typeof sent)[number] }): Promise<DetectAnswer> => {
    sent.push(structuredClone(input.body));
    const answer = answers[sent.length - 1] ?? found;
    return 'services' in answer ? { need: [], found: answer } : { need: [...answer], found: null };
  };
  // Only this one route is called.
  return { client: { call } as unknown as Client, sent };
}

test('names go first, then the texts that are asked for; ignored files are not named', async () => {
  const top = repository({ 'package.json': '{}', 'src/a.js': 'one', '.gitignore': 'dist\n', 'dist/b.js': 'two' });
  const { client, sent } = server(['package.json'], ['src/a.js'], found);
  expect(await lookAt(client, top, '.')).toEqual(found);
  expect(sent.map(({ texts }) => texts)).toEqual([
    {},
    { 'package.json': '{}' },
    { 'package.json': '{}', 'src/a.js': 'one' },
  ]);
  expect([...(sent[0]?.names ?? [])].sort()).toEqual(['.gitignore', 'package.json', 'src/a.js']);
});

test('a folder without files is not asked about', async () => {
  const { client, sent } = server();
  expect(await lookAt(client, repository({}), '.')).toBeNull();
  expect(sent).toEqual([]);
});

test('a server gets no file that is not named, no secret, nothing from outside, and no sixth call', async () => {
  const top = repository({ '.env': 'TOKEN=1', 'a.txt': 'a', '.env.example': 'TOKEN=' });
  symlinkSync('/etc/passwd', join(top, 'passwd'));
  const wanted = ['.env', '.env.example', 'passwd', '/etc/passwd', '../x', '.git/config'];
  const { client, sent } = server(wanted, wanted, wanted, wanted, wanted, wanted);
  expect(await lookAt(client, top, '.')).toBeNull();
  expect(sent[1]?.texts).toEqual({
    '.env': null,
    '.env.example': 'TOKEN=',
    passwd: null,
    '/etc/passwd': null,
    '../x': null,
    '.git/config': null,
  });
  expect(sent.map(({ final }) => final)).toEqual([false, false, true]);
});

test('what is too large or binary is not sent', () => {
  const top = repository({ 'a.txt': 'four', 'b.bin': 'x\0y' });
  expect(textOf(top, 'a.txt', 4)).toBe('four');
  expect(textOf(top, 'a.txt', 3)).toBeNull();
  expect(textOf(top, 'b.bin', 100)).toBeNull();
  expect(textOf(top, 'gone', 100)).toBeNull();
});
