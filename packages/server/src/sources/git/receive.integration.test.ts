import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { commitFiles, type GitHost, git, gitOk, makeClone, openHost } from './testing/host.ts';

let host: GitHost;
let count = 0;
/** A busy machine needs a while for many megabytes. */
const large = { timeout: 240_000 };
beforeAll(async () => {
  host = await openHost({ pushBytes: 60_000_000 });
});
afterAll(async () => await host.close());

/** A prepared repository and a clone of it that has one commit, not pushed yet. */
async function fresh() {
  const repository = `shop/r${++count}`;
  await host.source.prepare(repository);
  const clone = await makeClone(host, repository);
  const pushes = () => host.pushes.filter((push) => push.repository === repository);
  const updates = () => pushes().flatMap((push) => push.updates);
  return { repository, clone, pushes, updates, url: `${host.url}/${repository}.git` };
}

async function ask(path: string, options: { method?: string; headers?: Record<string, string>; body?: Buffer } = {}) {
  const { body, ...rest } = options;
  // As a path of its own: a URL would take `..` out.
  const asking = request(host.url, { agent: false, path, ...rest });
  asking.end(body);
  const [response] = await once(asking, 'response');
  const pieces: Buffer[] = [];
  for await (const piece of response) pieces.push(piece);
  return { status: response.statusCode, headers: response.headers, text: Buffer.concat(pieces).toString('latin1') };
}

describe('a push', () => {
  it('moves the branch, then tells who pushed what', async () => {
    const { clone, repository, pushes } = await fresh();
    const first = await gitOk(clone, 'rev-parse', 'HEAD');
    const { code, text } = await git(clone, 'push', 'towpath', 'main');
    expect(code).toBe(0);
    expect(text).toContain('[new branch]      main -> main');
    expect(await host.source.head(repository, 'main')).toBe(first);
    const next = await commitFiles(clone, { a: 'b' });
    await gitOk(clone, 'push', 'towpath', 'main');
    expect(pushes()).toMatchObject([
      { actor: 'ann', updates: [{ kind: 'branch', name: 'main', before: null, after: first }] },
      { actor: 'ann', updates: [{ kind: 'branch', name: 'main', before: first, after: next }] },
    ]);
  });

  it('that changes nothing tells nothing', async () => {
    const { clone, pushes } = await fresh();
    await gitOk(clone, 'push', 'towpath', 'main');
    expect((await git(clone, 'push', 'towpath', 'main')).text).toContain('Everything up-to-date');
    expect(pushes()).toHaveLength(1);
  });

  it('may hold branches, tags and deletions together', async () => {
    const { clone, updates, repository } = await fresh();
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    await gitOk(clone, 'push', 'towpath', 'main', 'main:refs/heads/old');
    await gitOk(clone, 'tag', '--annotate', '--message=x', 'v1');
    await gitOk(clone, 'push', 'towpath', 'main:refs/heads/feature/x', 'v1', ':old');
    const tag = await gitOk(clone, 'rev-parse', 'v1');
    expect(updates().slice(2)).toEqual(
      expect.arrayContaining([
        { kind: 'branch', name: 'feature/x', before: null, after: head },
        { kind: 'tag', name: 'v1', before: null, after: tag },
        { kind: 'branch', name: 'old', before: head, after: null },
      ]),
    );
    expect(await host.source.resolve(repository, 'v1')).toBe(head);
    expect((await host.source.branches(repository)).map(({ branch }) => branch)).toEqual(['feature/x', 'main']);
  });

  it('may delete the branch that HEAD stands on', async () => {
    const { clone, repository } = await fresh();
    await gitOk(clone, 'push', 'towpath', 'main');
    await gitOk(clone, 'push', 'towpath', ':main');
    expect(await host.source.branches(repository)).toEqual([]);
  });

  it('may rewrite a branch, and says so', async () => {
    const { clone, updates } = await fresh();
    await gitOk(clone, 'push', 'towpath', 'main');
    const before = await gitOk(clone, 'rev-parse', 'HEAD');
    await gitOk(clone, 'commit', '--quiet', '--amend', '--message=other');
    expect((await git(clone, 'push', 'towpath', 'main')).code).toBe(1);
    const { code, text } = await git(clone, 'push', '--force', 'towpath', 'main');
    expect(code).toBe(0);
    expect(text).toContain(`remote: main was rewritten: it does not contain ${before.slice(0, 8)} any more`);
    expect(updates().at(-1)).toMatchObject({ before, after: await gitOk(clone, 'rev-parse', 'HEAD') });
    await commitFiles(clone, { a: 'b' });
    expect((await git(clone, 'push', 'towpath', 'main')).text).not.toContain('rewritten');
  });

  it('clears away what killed pushes left long ago', async () => {
    const { clone, repository } = await fresh();
    const objects = join(host.folder, 'data', 'git', `${repository}.git`, 'objects');
    for (const name of ['tmp_objdir-incoming-old', 'tmp_objdir-incoming-new']) {
      await mkdir(join(objects, name));
      await writeFile(join(objects, name, 'object'), '');
    }
    await utimes(join(objects, 'tmp_objdir-incoming-old'), 1, 1);
    await gitOk(clone, 'push', 'towpath', 'main');
    const left = (await readdir(objects)).filter((name) => name.startsWith('tmp_objdir'));
    expect(left).toEqual(['tmp_objdir-incoming-new']);
  });

  it('goes past the locks that a killed git left, and not past those of one at work', async () => {
    const { clone, repository, updates } = await fresh();
    const refs = join(host.folder, 'data', 'git', `${repository}.git`, 'refs/heads');
    const [left, held] = [join(refs, 'main.lock'), join(refs, 'other.lock')];
    for (const lock of [left, held]) await writeFile(lock, '');
    await utimes(left, 1, 1);
    expect((await git(clone, 'push', 'towpath', 'main')).code).toBe(0);
    expect((await git(clone, 'push', 'towpath', 'main:other')).code).toBe(1);
    expect(updates().map(({ name }) => name)).toEqual(['main']);
  });

  it('to anything but branches and tags is refused as a whole', async () => {
    const { clone, pushes, repository } = await fresh();
    const { code, text } = await git(clone, 'push', 'towpath', 'main', 'main:refs/notes/x');
    expect(code).toBe(1);
    expect(text).toContain('remote: towpath takes branches and tags only, not refs/notes/x');
    expect(await host.source.branches(repository)).toEqual([]);
    expect(pushes()).toEqual([]);
  });

  it('of 50 MB arrives whole', large, async () => {
    const { clone, repository, updates } = await fresh();
    await gitOk(clone, 'config', 'core.compression', '0');
    const head = await commitFiles(clone, { big: randomBytes(50_000_000) });
    await gitOk(clone, 'push', 'towpath', 'main');
    expect(await host.source.head(repository, 'main')).toBe(head);
    expect(updates()).toHaveLength(1);
  });

  it('over the limit is refused with the limit, and leaves nothing', large, async () => {
    const { clone, repository, pushes } = await fresh();
    await gitOk(clone, 'config', 'core.compression', '0');
    await commitFiles(clone, { big: randomBytes(70_000_000) });
    const { code, text } = await git(clone, 'push', 'towpath', 'main');
    expect(code).toBe(1);
    expect(text).toMatch(/remote: fatal: pack exceeds maximum allowed size/);
    expect(text).toMatch(/remote: Towpath takes pushes of up to 57 MiB, and this one is larger\./);
    expect(text).toMatch(/remote: Whoever runs this Towpath can raise the limit: towpath up --max-push 4Gi/);
    expect(await host.source.branches(repository)).toEqual([]);
    expect(pushes()).toEqual([]);
    const objects = join(host.folder, 'data', 'git', `${repository}.git`, 'objects');
    expect((await readdir(objects)).sort()).toEqual(['info', 'pack']);
    expect(await readdir(join(objects, 'pack'))).toEqual([]);
  });

  it('that git refuses while it is still being sent gets its answer, and may go on', async () => {
    const { repository } = await fresh();
    const update = `${'0'.repeat(40)} ${'1'.repeat(40)} refs/heads/main\0report-status`;
    const line = (update.length + 4).toString(16).padStart(4, '0') + update;
    const { hostname, port } = new URL(host.url);
    const socket = connect(Number(port), hostname);
    const events: unknown[] = [];
    socket.on('error', (error) => events.push(error)).on('end', () => events.push('end'));
    const send = (body: string) => socket.write(`${body.length.toString(16)}\r\n${body}\r\n`, 'latin1');
    socket.write(
      `POST /${repository}.git/git-receive-pack HTTP/1.1\r\nHost: ${hostname}\r\nTransfer-Encoding: chunked\r\n`,
    );
    socket.write('Content-Type: application/x-git-receive-pack-request\r\n\r\n');
    send(`${line}0000no pack`.padEnd(2_000));
    let said = '';
    while (!said.includes('unpack')) said += String((await once(socket, 'data'))[0]);
    for (let sent = 0; sent < 20; sent++) {
      send('x'.repeat(100_000));
      await sleep(5);
    }
    expect(events).toEqual([]);
    socket.resume().write('0\r\n\r\n');
    await once(socket, 'end');
    expect(events).toEqual(['end']);
    socket.destroy();
  });

  it('from a shallow clone is taken when its history is known, and refused when not', async () => {
    const { clone, url, repository } = await fresh();
    await commitFiles(clone, { a: 'b' });
    await gitOk(clone, 'push', 'towpath', 'main');
    const shallow = join(host.folder, `shallow${count}`);
    await gitOk(host.folder, 'clone', '--quiet', '--depth=1', url, shallow);
    const head = await commitFiles(shallow, { c: 'd' });
    await gitOk(shallow, 'push', 'origin', 'main');
    expect(await host.source.head(repository, 'main')).toBe(head);
    const empty = await fresh();
    const { code, text } = await git(shallow, 'push', empty.url, 'main');
    expect(code).toBe(1);
    expect(text).toContain('shallow update not allowed');
  });

  it('reaches ten repositories at once, and one from ten sides', async () => {
    const ten = await Promise.all(Array.from({ length: 10 }, fresh));
    await Promise.all(ten.map(({ clone }) => gitOk(clone, 'push', 'towpath', 'main')));
    for (const { updates } of ten) expect(updates()).toHaveLength(1);
    const one = await fresh();
    await gitOk(one.clone, 'push', 'towpath', 'main');
    const branches = Array.from({ length: 10 }, (_, at) => `b${at}`);
    await Promise.all(branches.map((name) => gitOk(one.clone, 'push', 'towpath', `main:refs/heads/${name}`)));
    expect(
      one
        .updates()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...branches, 'main'].sort());
  });
});

describe('a fetch', () => {
  it('gives back what was pushed, in every protocol version', async () => {
    const { clone, url } = await fresh();
    await commitFiles(clone, { 'größe "x"': 'y' });
    await gitOk(clone, 'push', 'towpath', 'main');
    for (const version of [0, 1, 2]) {
      const copy = join(host.folder, `copy${version}`);
      await gitOk(host.folder, '-c', `protocol.version=${version}`, 'clone', '--quiet', url, copy);
      expect(await gitOk(copy, 'rev-parse', 'HEAD')).toBe(await gitOk(clone, 'rev-parse', 'HEAD'));
      expect(await readdir(copy)).toEqual(['.git', 'größe "x"', 'readme.md']);
    }
  });

  it('speaks version 2 to who asks for it', async () => {
    const { url } = await fresh();
    const path = `${new URL(url).pathname}/info/refs?service=git-upload-pack`;
    expect((await ask(path, { headers: { 'git-protocol': 'version=2' } })).text).toContain('version 2');
    expect((await ask(path)).text).not.toContain('version 2');
    expect((await ask(path, { headers: { 'git-protocol': 'version=2\t; x' } })).text).not.toContain('version 2');
  });

  it('of an empty repository gives an empty clone', async () => {
    const { url } = await fresh();
    const copy = join(host.folder, 'empty');
    expect((await git(host.folder, 'clone', url, copy)).text).toContain('cloned an empty repository');
  });

  it('checks out the branch that was pushed first, whatever its name', async () => {
    const { clone, url } = await fresh();
    await gitOk(clone, 'push', 'towpath', 'main:refs/heads/trunk');
    const copy = join(host.folder, 'trunk');
    await gitOk(host.folder, 'clone', '--quiet', url, copy);
    expect(await gitOk(copy, 'branch', '--show-current')).toBe('trunk');
  });

  it('may send its question gzipped', async () => {
    const { clone, url } = await fresh();
    await gitOk(clone, 'push', 'towpath', 'main');
    const head = await gitOk(clone, 'rev-parse', 'HEAD');
    const line = (text: string) => `${(text.length + 4).toString(16).padStart(4, '0')}${text}`;
    const body = gzipSync(`${line(`want ${head}\n`)}0000${line('done\n')}`);
    const answer = await ask(`${new URL(url).pathname}/git-upload-pack`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-git-upload-pack-request', 'content-encoding': 'gzip' },
      body,
    });
    expect(answer.status).toBe(200);
    expect(answer.text).toMatch(/^0008NAK\nPACK/);
    // git itself gzips long questions: enough branches make one.
    for (let at = 0; at < 40; at++) await gitOk(clone, 'branch', `b${at}`, await commitFiles(clone, { a: `${at}` }));
    await gitOk(clone, 'push', '--quiet', '--all', 'towpath');
    const copy = join(host.folder, 'gzip');
    await gitOk(host.folder, '-c', 'protocol.version=0', 'clone', '--quiet', url, copy);
    expect((await gitOk(copy, 'branch', '--remotes')).split('\n')).toHaveLength(42);
  });
});

describe('a refusal', () => {
  it('of an unknown service is shown by git', async () => {
    const { clone } = await fresh();
    const { code, text } = await git(clone, 'push', `${host.url}/shop/nobody.git`, 'main');
    expect(code).not.toBe(0);
    expect(text).toContain('remote: Towpath has no service shop/nobody. Create it in its folder: towpath init');
  });

  it.each([
    ['/shop/r1.git/HEAD', 404],
    ['/shop/r1.git/objects/info/packs', 404],
    ['/shop/r1.git/info/refs', 403],
    ['/shop/r1.git/info/refs?service=git-upload-archive', 403],
    ['/shop/r1.git/info/refs?service=../../x', 403],
    ['/shop/r1.git/git-upload-archive', 404],
    ['/shop/r1.git/git-receive-pack', 405],
    ['/shop/../shop/r1.git/info/refs?service=git-upload-pack', 404],
    ['/shop/%2e%2e/info/refs?service=git-upload-pack', 404],
    ['/../../etc/info/refs?service=git-upload-pack', 404],
    ['/shop/.home-0/info/refs?service=git-upload-pack', 404],
    ['/shop%2fr1.git/info/refs?service=git-upload-pack', 404],
    ['/shop/r1.git/info/refs/../../HEAD', 404],
  ])('of %s is %i', async (path, status) => {
    const answer = await ask(path);
    expect(answer.status).toBe(status);
    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
  });
});
