import { spawn } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { EventView } from '@towpath/contract';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { withParts } from '../scripts/parts.ts';
import type { Repository } from './repository.ts';
import { staticSite } from './templates.ts';
import { World } from './world.ts';

withParts(['git', 'proc'], () => {
  let world: World;
  let site: Repository;

  beforeAll(async () => {
    world = World.create();
    await world.up();
    site = await world.service('site', staticSite());
  });
  afterAll(() => world.end());

  describe('Given somebody who follows what happens', () => {
    test('When the server is killed twice while things go on, Then every event comes, once and in order', async () => {
      const stop = new AbortController();
      const came: EventView[] = [];
      const states: string[] = [];
      const opened = Promise.withResolvers<void>();
      const onState = (state: 'open' | 'away') => {
        states.push(state);
        if (state === 'open') opened.resolve();
      };
      const follow = async () => {
        const wish = { query: { project: 'main' }, signal: stop.signal, onState };
        for await (const { data } of world.client.follow('streamEvents', wish)) if (data !== undefined) came.push(data);
      };
      const following = follow().catch((error: unknown) => {
        if (!stop.signal.aborted) throw error;
      });
      await opened.promise;
      const before = (await world.client.call('listEvents', { query: { limit: 500 } })).events.at(-1)?.id ?? 0;
      for (const round of [1, 2]) {
        await site.commit(`Change ${round}`, { 'index.html': `<p>${round}</p>` });
        const { run } = await site.push();
        process.kill((await world.pids())['server-1'] ?? 0, 'SIGKILL');
        await world.waitFor(run ?? 0);
      }
      const all = (await world.client.call('listEvents', { query: { after: before, limit: 500 } })).events;
      for (const end = performance.now() + 20_000; came.length < all.length && performance.now() < end; )
        await pause(50);
      stop.abort();
      await following;
      expect(came).toEqual(all);
      expect(states.filter((state) => state === 'away').length).toBeGreaterThanOrEqual(2);
      const names = new Set(came.map(({ name }) => name));
      for (const name of [
        'run.queued',
        'run.started',
        'stage.started',
        'stage.ended',
        'run.waiting',
        'deployment.step',
        'deployment.ended',
        'target.changed',
      ]) {
        expect(names).toContain(name);
      }
      // What happens to a stage says what to look at.
      expect(came.find(({ name }) => name === 'stage.ended')).toMatchObject({
        project: 'main',
        subject: expect.stringMatching(/^run\/\d+$/),
        data: { service: 'site', stage: 'prepare', environment: null, attempt: 1, status: 'succeeded', reason: null },
      });
    });
  });

  test('Given a reader that stops reading, When much happens, Then the others are told all the same', async () => {
    const { url, token } = world.is;
    const stuck = await fetch(new URL('/api/events/stream?after=0', url), {
      headers: { authorization: `Bearer ${token}` },
    });
    await site.commit('Once more', { 'index.html': '<p>more</p>' });
    const { run } = await site.push();
    expect((await world.waitFor(run ?? 0)).status).toBe('waiting');
    await stuck.body?.cancel();
  });

  test('Given a browser, When somebody asks for the dashboard, Then the address logs it in once', async () => {
    const { url } = (await world.cli('dashboard', '--json')).json() as { url: string };
    const [, code] = /\/login#code=([\w-]+)$/.exec(url) ?? [];
    const logIn = () =>
      fetch(new URL('/api/session', world.is.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: new URL(world.is.url).origin },
        body: JSON.stringify({ code }),
      });
    const response = await logIn();
    expect(await response.json()).toEqual({ name: 'owner', role: 'owner' });
    const cookie = response.headers.getSetCookie()[0]?.split(';')[0] ?? '';
    const who = await fetch(new URL('/api/session', world.is.url), { headers: { cookie } });
    expect(who.status).toBe(200);
    expect((await logIn()).status).toBe(401);
  });

  test('Given a terminal that shows the board, When something changes, Then it shows it again', async () => {
    const main = fileURLToPath(import.meta.resolve('@towpath/cli/main'));
    const child = spawn(process.execPath, [main, 'status', '-f'], { cwd: world.folder, env: world.env });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    const shown = (what: string) => expect.poll(() => text, { timeout: 30_000 }).toContain(what);
    await shown('site');
    await world.cli('hold', 'site', '--reason', 'the audit');
    await shown('the audit');
    child.kill('SIGINT');
  });
});
