import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { withParts } from '../../scripts/parts.ts';
import type { Repository } from '../repository.ts';
import { staticSite } from '../templates.ts';
import { World } from '../world.ts';
import { processorMs } from './marks.ts';
import { kill, type Part, pidOf, untilBack } from './parts.ts';
import { surely } from './patience.ts';

const measureMs = 8_000;
const many = 500;

withParts(['git', 'proc'], () => {
  describe('Given a run that waits for an approval', () => {
    let world: World;
    let repository: Repository;
    let run: number;

    beforeAll(async () => {
      world = World.create();
      await world.up();
      repository = await world.service('api', staticSite('one'));
      run = (await repository.push()).run ?? 0;
    });

    afterAll(() => world.end());

    const seen = () => world.client.call('getRun', { params: { run } });

    test('When every part is killed, one after the other and all together, Then it waits on as it did', async () => {
      const before = await seen();
      expect(before).toMatchObject({ status: 'waiting', deadline: expect.any(String) });
      const parts: Part[] = ['server-1', 'postgres', 'router', 'supervisor'];
      for (const struck of [...parts.map((part) => [part]), parts]) {
        const pids = await Promise.all(struck.map((part) => pidOf(world, part)));
        for (const pid of pids) kill(pid);
        for (const [index, part] of struck.entries()) await untilBack(world, part, pids[index] ?? null);
        await pause(1_000);
        expect(await seen()).toEqual(before);
      }
    });

    test('When Towpath is stopped and started, Then it still waits, and an approval brings it to production', async () => {
      const before = await seen();
      expect((await world.cli('down', '--data', world.data)).code).toBe(0);
      await world.up();
      expect(await seen()).toEqual(before);
      await surely(
        'approve',
        async () => void (await world.client.call('approve', { params: { run }, body: {} })),
        async () => ((await seen()).status === 'waiting' ? null : undefined),
      );
      expect(await world.waitFor(run)).toMatchObject({ status: 'succeeded' });
      expect((await world.ask('api.localhost')).text).toContain('Version one');
    });

    test(`When ${many} such runs wait, Then they cost no processor time worth naming`, async () => {
      await repository.commit('Two', staticSite('two'));
      const waiting = (await repository.push()).run ?? 0;
      const without = await idleShare(world);
      await multiply(world, waiting, many - 1);
      const { runs } = await world.client.call('listRuns', { query: { status: 'waiting', limit: 200 } });
      expect(runs).toHaveLength(200);
      const having = await idleShare(world);
      console.log(`idle: ${inPercent(without)} of a core without, ${inPercent(having)} with ${many} waiting runs`);
      expect(having - without).toBeLessThan(0.02);
    });
  });
});

const inPercent = (share: number): string => `${(share * 100).toFixed(2)} %`;

/** What all processes of the installation use of one core while nobody asks for anything. */
async function idleShare(world: World): Promise<number> {
  // What was done last is still being tidied up.
  await pause(2_000);
  const began = performance.now();
  const before = processorMs(world.processes().map(({ pid }) => pid));
  await pause(measureMs);
  const after = processorMs(world.processes().map(({ pid }) => pid));
  return (after - before) / (performance.now() - began);
}

const Config = z.object({ databaseUrl: z.string() });

/** Copies of a waiting run as the store holds it, each of a branch of its own. */
async function multiply(world: World, run: number, copies: number): Promise<void> {
  const { databaseUrl } = Config.parse(JSON.parse(readFileSync(join(world.data, 'config/server-1.json'), 'utf8')));
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const columns = async (table: string, ...without: string[]) => {
      const { rows } = await client.query<{ name: string }>(
        "select quote_ident(column_name) as name from information_schema.columns where table_schema = 'public' and table_name = $1",
        [table],
      );
      return rows.map(({ name }) => name).filter((name) => !without.includes(name));
    };
    const runs = (await columns('runs', 'id', 'branch')).join(', ');
    const stages = (await columns('stages', 'run_id')).join(', ');
    await client.query(
      `with copies as (
         insert into runs (branch, ${runs})
         select branch || '-' || copy, ${runs} from runs, generate_series(1, $2) copy where id = $1 returning id
       )
       insert into stages (run_id, ${stages}) select copies.id, ${stages} from stages, copies where run_id = $1`,
      [run, copies],
    );
  } finally {
    await client.end();
  }
}
