import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { readdir, readlink, rm } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { commitFiles, type GitHost, git, gitOk, makeClone, openHost, type Push, personEnv } from './testing/host.ts';

let host: GitHost;
let count = 0;
beforeAll(async () => {
  host = await openHost();
});
afterAll(async () => await host.close());

async function fresh() {
  const repository = `shop/p${++count}`;
  await host.source.prepare(repository);
  return { repository, clone: await makeClone(host, repository) };
}

/** A push that goes on: its lines as they come, and its end. */
function startPush(clone: string, ...argv: string[]) {
  // A group of its own: as from a terminal, a signal reaches git and its helpers.
  const child = spawn('git', ['push', ...argv], {
    cwd: clone,
    env: personEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true,
  });
  const signal = (name: NodeJS.Signals) => process.kill(-(child.pid ?? Number.NaN), name);
  onTestFinished(() => {
    if (child.exitCode === null && child.signalCode === null) signal('SIGKILL');
  });
  const seen: string[] = [];
  const waiting: { text: string; found: () => void }[] = [];
  createInterface(child.stderr).on('line', (line) => {
    seen.push(line);
    for (const { text, found } of waiting) if (line.includes(text)) found();
  });
  const line = (text: string) =>
    new Promise<void>((found) => (seen.some((one) => one.includes(text)) ? found() : waiting.push({ text, found })));
  const ended = once(child, 'close').then(([code]) => ({ code, text: seen.join('\n') }));
  return { child, signal, line, ended };
}

/** The next push, as the host is told of it; it goes on until `finish`. */
function nextPush() {
  const told = Promise.withResolvers<Push>();
  const end = Promise.withResolvers<void>();
  host.handle = async (push) => {
    told.resolve(push);
    await end.promise;
  };
  onTestFinished(() => {
    host.handle = async () => {};
    end.resolve();
  });
  return { told: told.promise, finish: end.resolve, fail: end.reject };
}

const aborted = (push: Push) =>
  push.progress.signal.aborted ? Promise.resolve() : once(push.progress.signal, 'abort').then(() => {});

/** git works in the folder of the mirror. */
async function processesIn(repository: string): Promise<string[]> {
  const mirror = join(host.folder, 'data/git', `${repository}.git`);
  const found: string[] = [];
  for (const pid of await readdir('/proc')) {
    if ((await readlink(`/proc/${pid}/cwd`).catch(() => '')) === mirror) found.push(pid);
  }
  return found;
}

describe('progress', () => {
  it('reaches the pusher line by line, while the run goes on', async () => {
    const { clone } = await fresh();
    const next = nextPush();
    const push = startPush(clone, 'towpath', 'main');
    const { progress } = await next.told;
    for (const text of ['run #1', 'prepare ✓', 'ünit']) {
      progress.line(text);
      await push.line(`remote: ${text}`);
    }
    expect(push.child.exitCode).toBeNull();
    next.finish();
    expect(await push.ended).toMatchObject({ code: 0, text: expect.stringContaining('main -> main') });
  });

  it('does not let a line command the terminal', async () => {
    const { clone } = await fresh();
    host.handle = async ({ progress }) => {
      progress.line('red \u001b[31mred\u001b]0;title\u0007 \u009b2J bell\u0007 two\r\nthree\u0000\ttab');
    };
    const { text } = await git(clone, 'push', 'towpath', 'main');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: what must not come through.
    expect(text.replaceAll('\u001b[K', '')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f]/);
    expect(text).toContain('remote: red red 2J bell two');
    expect(text).toContain('remote: three\ttab');
  });

  it('of 20,000 lines comes whole and in order', async () => {
    const { clone } = await fresh();
    const lines = Array.from({ length: 20_000 }, (_, at) => `line ${at}`);
    host.handle = async ({ progress }) => {
      for (const [at, line] of lines.entries()) {
        progress.line(line);
        if (at % 500 === 0) await new Promise(setImmediate);
      }
    };
    const { text } = await git(clone, 'push', 'towpath', 'main');
    expect([...text.matchAll(/remote: (line \d+)/g)].map(([, line]) => line)).toEqual(lines);
  });

  it('that nobody reads does not pile up', async () => {
    const { clone } = await fresh();
    const next = nextPush();
    const push = startPush(clone, 'towpath', 'main');
    const { progress } = await next.told;
    push.signal('SIGSTOP');
    for (let at = 0; at < 100_000; at++) progress.line(`${at} ${'x'.repeat(100)}`);
    push.signal('SIGCONT');
    await push.line('remote: 100 xxx');
    const talk = setInterval(() => progress.line('more'), 20);
    await push.line(' lines left out)').finally(() => clearInterval(talk));
    next.finish();
    const { code, text } = await push.ended;
    expect(code).toBe(0);
    expect(text.length).toBeLessThan(4_000_000);
  });

  it('tells the pusher when the run cannot be made, and the refs stay', async () => {
    const { clone, repository } = await fresh();
    const next = nextPush();
    const push = startPush(clone, 'towpath', 'main');
    await next.told;
    next.fail(new Error('secret detail'));
    const { code, text } = await push.ended;
    expect(code).toBe(0);
    expect(text).toContain('Towpath could not take the push up');
    expect(text).not.toContain('secret detail');
    expect(await host.source.head(repository, 'main')).toBe(await gitOk(clone, 'rev-parse', 'HEAD'));
  });
});

describe('Ctrl-C of the pusher', () => {
  it('while the run goes on harms nothing', async () => {
    const { clone, repository } = await fresh();
    const next = nextPush();
    const push = startPush(clone, 'towpath', 'main');
    const told = await next.told;
    told.progress.line('began');
    await push.line('began');
    expect(await processesIn(repository)).not.toEqual([]);
    push.signal('SIGINT');
    await push.ended;
    // The loss shows when something is written.
    const talk = setInterval(() => told.progress.line('anybody there?'), 20);
    onTestFinished(() => clearInterval(talk));
    await aborted(told);
    told.progress.line('nobody hears this');
    // The run goes on, git does not wait for it.
    await expect.poll(() => processesIn(repository), { timeout: 30_000 }).toEqual([]);
    next.finish();
    expect(await host.source.head(repository, 'main')).toBe(await gitOk(clone, 'rev-parse', 'HEAD'));
    await commitFiles(clone, { a: 'b' });
    host.handle = async () => {};
    expect((await git(clone, 'push', 'towpath', 'main')).code).toBe(0);
  });

  it('right after the last byte still makes the run', async () => {
    const { clone, repository } = await fresh();
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    const pack = spawnSync('git', ['pack-objects', '--quiet', '--revs', '--stdout'], {
      cwd: clone,
      input: `${head}\n`,
    });
    const command = `${'0'.repeat(40)} ${head} refs/heads/main\0report-status side-band-64k`;
    const length = (command.length + 4).toString(16).padStart(4, '0');
    const next = nextPush();
    const asking = request(`${host.url}/${repository}.git/git-receive-pack`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': 'application/x-git-receive-pack-request' },
    });
    asking.on('error', () => {});
    asking.end(Buffer.concat([Buffer.from(`${length}${command}0000`), pack.stdout]));
    const [arrived] = await once(host.server, 'request');
    arrived.once('end', () => asking.destroy());
    const push = await next.told;
    expect(push.updates).toMatchObject([{ name: 'main', after: head }]);
    await aborted(push);
  });

  it('in the middle of the pack moves nothing and leaves nothing running', async () => {
    const { clone, repository } = await fresh();
    await gitOk(clone, 'config', 'core.compression', '0');
    await commitFiles(clone, { big: randomBytes(20_000_000) });
    const served = Promise.withResolvers<void>();
    const push = startPush(clone, 'towpath', 'main');
    host.server.on('request', (request, response) => {
      // The large body comes in pieces; git asks with a small one before.
      if (request.headers['transfer-encoding'] !== 'chunked') return;
      request.once('data', () => push.signal('SIGINT'));
      response.on('close', served.resolve);
    });
    await push.ended;
    await served.promise;
    expect(host.pushes.filter((one) => one.repository === repository)).toEqual([]);
    const objects = join(host.folder, 'data/git', `${repository}.git`, 'objects');
    expect((await readdir(objects)).sort()).toEqual(['info', 'pack']);
    expect(await host.source.head(repository, 'main')).toBeNull();
  });
});

describe('a server', () => {
  const startServer = async () => {
    const child = spawn(process.execPath, [join(import.meta.dirname, 'testing', 'serve.ts')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    const [folder = '', url = ''] = ((await lines.next()).value ?? '').split(' ');
    onTestFinished(async () => {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    return { child, lines, folder, url };
  };
  const die = async (child: ChildProcess) => {
    const ended = once(child, 'close');
    child.kill('SIGKILL');
    await ended;
  };

  it('that is killed while a push shows its run leaves the refs moved, and the pusher knows', async () => {
    const { child, lines, folder, url } = await startServer();
    const { clone } = await fresh();
    await gitOk(clone, 'remote', 'set-url', 'towpath', `${url}/shop/api.git`);
    const push = startPush(clone, 'towpath', 'main');
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    expect((await lines.next()).value).toBe(`pushed ${head}`);
    await push.line('stage prepare began');
    await die(child);
    expect((await push.ended).text).toContain('main -> main');
    expect(await gitOk(join(folder, 'data/git/shop/api.git'), 'rev-parse', 'main')).toBe(head);
  });

  it('that is killed while a pack arrives moves nothing', { timeout: 120_000 }, async () => {
    const { child, folder, url } = await startServer();
    const { clone } = await fresh();
    await gitOk(clone, 'remote', 'set-url', 'towpath', `${url}/shop/api.git`);
    await gitOk(clone, 'config', 'core.compression', '0');
    await commitFiles(clone, { big: randomBytes(60_000_000) });
    const objects = join(folder, 'data/git/shop/api.git/objects');
    const arriving = async () => (await readdir(objects)).filter((name) => name.startsWith('tmp_objdir'));
    const push = startPush(clone, 'towpath', 'main');
    await expect.poll(arriving, { timeout: 60_000, interval: 5 }).toHaveLength(1);
    await die(child);
    expect((await push.ended).code).not.toBe(0);
    expect(await gitOk(join(folder, 'data/git/shop/api.git'), 'for-each-ref')).toBe('');
  });
});
