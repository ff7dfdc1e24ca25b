import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from './system/testing/scene.ts';

const main = fileURLToPath(new URL('./main.ts', import.meta.url));

/** What bash offers after `towpath …`, with the last word half typed. */
async function offered(words: readonly string[], answer: RequestListener, more: object = {}): Promise<string[]> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const bin = temporaryFolder();
  writeFileSync(join(bin, 'towpath'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`, { mode: 0o755 });
  const script = `eval "$(towpath completion bash)"
COMP_WORDS=(towpath "$@"); COMP_CWORD=$#
_towpath
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const env = {
    PATH: `${bin}:${process.env.PATH}`,
    HOME: temporaryFolder(),
    TOWPATH_URL: `http://127.0.0.1:${port}`,
    TOWPATH_TOKEN: 'token',
    ...more,
  };
  const bash = spawn('bash', ['--norc', '-c', script, 'bash', ...words], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  return (await text(bash.stdout)).split('\n').filter((line) => line !== '');
}

const board: RequestListener = (_request, response) => {
  const project = { name: 'main', settings: {}, services: ['api', 'web'], environments: ['staging', 'production'] };
  response.end(JSON.stringify({ projects: [project] }));
};

test('bash completes verbs, services and environments', async () => {
  expect(await offered(['serv'], board)).toEqual(['service']);
  // On a busy machine names would come too late for one key.
  const patient = { TOWPATH_COMPLETION_MS: '30000' };
  expect(await offered(['deploy', ''], board, patient)).toEqual(['api', 'web']);
  expect(await offered(['deploy', 'api', '-e', 's'], board, patient)).toEqual(['staging']);
});

test('a server that does not answer keeps nobody waiting', async () => {
  const began = performance.now();
  expect(await offered(['deploy', ''], () => {})).toEqual([]);
  expect(performance.now() - began).toBeLessThan(20_000);
});
