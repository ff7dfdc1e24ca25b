import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { TargetView } from '@towpath/contract';
import { TableUpdate } from '@towpath/contract/router';
import pg from 'pg';
import { z } from 'zod';
import type { World } from '../world.ts';
import { processAt } from './marks.ts';
import { isAway } from './patience.ts';

/** Ends that take a moment (a drain, a checkpoint, git's last child) get this long. */
const settleMs = 60_000;
const lookMs = 200;

/**
 * Looks whether the house is in order now that everything that was asked for has ended: nothing stuck, nothing left over. Answers what is
 * wrong, in plain words; empty when all is well. What is only late is waited for.
 */
export async function inspect(world: World): Promise<string[]> {
  for (const giveUpAt = performance.now() + settleMs; ; await pause(lookMs)) {
    const faults = await look(world).catch((error: unknown) => {
      if (isAway(error)) return [String(error)];
      throw error;
    });
    if (faults.length === 0 || performance.now() > giveUpAt) return faults;
  }
}

async function look(world: World): Promise<string[]> {
  const { system, services } = await world.client.call('status');
  const targets = services.flatMap(({ name, environments }) =>
    environments.map((target) => ({ name: `${name} ${target.environment}`, target })),
  );
  return [
    ...system.problems,
    ...targets.flatMap(({ name, target }) => targetFaults(name, target)),
    ...(await openWork(world)),
    ...(await processFaults(
      world,
      targets.flatMap(({ target }) => expectedReplicas(target)),
    )),
    ...routeFaults(
      world,
      targets.map(({ target }) => target),
    ),
    ...(await workspaceFaults(world)),
  ];
}

const expectedReplicas = (target: TargetView): string[] =>
  target.running.filter((replica) => replica.phase === 'running').map(({ id }) => id);

function targetFaults(name: string, target: TargetView): string[] {
  const faults: string[] = [];
  if (target.deployment !== null) faults.push(`${name}: deployment ${target.deployment} is under way`);
  if (target.hold !== null) faults.push(`${name} is held`);
  const wanted = target.release === null ? 0 : target.replicas;
  const lives = target.running.filter(
    ({ release, phase, health }) => release === target.release?.version && phase === 'running' && health === 'healthy',
  );
  if (lives.length !== wanted || target.running.length !== wanted) {
    const seen = target.running.map(({ id, phase, health }) => `${id} ${phase} ${health}`).join(', ');
    faults.push(`${name} should have ${wanted} replicas of v${target.release?.version}, and has ${seen || 'none'}`);
  }
  return faults;
}

/** Runs, deployments and workflows that have not ended. None of the teams leaves one waiting. */
async function openWork(world: World): Promise<string[]> {
  const faults: string[] = [];
  const { runs } = await world.client.call('listRuns', { query: { limit: 50 } });
  for (const { run, status, reason, endedAt } of runs)
    if (endedAt === null) faults.push(`run #${run} is ${status} (${reason})`);
  const { deployments } = await world.client.call('listDeployments', { query: { limit: 50 } });
  for (const { deployment, status, reason, endedAt } of deployments) {
    if (endedAt === null) faults.push(`deployment ${deployment} is ${status} (${reason})`);
  }
  for (const { id, status } of await workflows(world)) faults.push(`the workflow ${id} is ${status}`);
  return faults;
}

const ServerConfig = z.object({ databaseUrl: z.string() });

/** Workflows that go on, wait to be adopted, or ended by a defect. */
async function workflows(world: World): Promise<{ id: string; status: string }[]> {
  const { databaseUrl } = ServerConfig.parse(
    JSON.parse(readFileSync(join(world.data, 'config/server-1.json'), 'utf8')),
  );
  const client = new pg.Client({ connectionString: databaseUrl });
  client.on('error', () => {});
  try {
    await client.connect();
    const { rows } = await client.query<{ id: string; status: string }>(
      "select workflow_uuid as id, status from dbos.workflow_status where status <> 'SUCCESS'",
    );
    return rows;
  } finally {
    await client.end().catch(() => {});
  }
}

/** What the supervisor keeps and what the machine shows must be the same, and what the releases need. */
async function processFaults(world: World, replicas: readonly string[]): Promise<string[]> {
  const states = await world.withSupervisor((supervisor) => supervisor.list());
  const expected = new Set([...states.filter(({ owner }) => owner === 'system').map(({ key }) => key), ...replicas]);
  const faults = states
    .filter(({ key, endedAt }) => endedAt === null && !expected.has(key))
    .map(({ key, phase, reason }) => `the supervisor keeps ${key}: ${phase} (${reason})`);
  for (const { key, phase, reason } of states.filter(({ owner }) => owner === 'system')) {
    if (phase !== 'running') faults.push(`${key} is ${phase} (${reason})`);
  }
  for (const { pid, command } of world.processes()) {
    const found = processAt(pid);
    if (found === null || isKeeping(command)) continue;
    if (found.key === null) faults.push(`pid ${pid} is nobody's: ${command}`);
    else if (!expected.has(found.key)) faults.push(`pid ${pid} of ${found.key} is left over: ${command}`);
  }
  return faults;
}

/** The supervisor with its keeper; PostgreSQL's processes, which write their title over their environment. */
const isKeeping = (command: string): boolean =>
  /keep\.sh|supervisor\/src\/main|^postgres: |\/bin\/postgres /.test(command);

/** The table on the router's disk names the live releases' replicas, and nothing else. */
function routeFaults(world: World, targets: readonly TargetView[]): string[] {
  const { table } = TableUpdate.parse(JSON.parse(readFileSync(join(world.data, 'router/table.json'), 'utf8')));
  const faults: string[] = [];
  const routed = table.routes.flatMap(({ backends }) =>
    backends.flatMap((backend) => backend.replicas.map(({ id }) => id)),
  );
  const live = targets.flatMap(expectedReplicas);
  for (const id of routed) if (!live.includes(id)) faults.push(`the route table names ${id}, which is not live`);
  for (const id of live) if (!routed.includes(id)) faults.push(`the route table does not name ${id}`);
  for (const { name, backends } of table.routes) {
    const weights = backends.map(({ release, weight }) => `${release} ${weight}`).join(', ');
    if (backends.length !== 1 || backends[0]?.weight !== 100)
      faults.push(`${name} is routed to ${weights || 'nothing'}`);
  }
  return faults;
}

/** Files of runs that nobody can rerun in, and drafts that a crash left. */
async function workspaceFaults(world: World): Promise<string[]> {
  const faults: string[] = [];
  for (const name of readdirSync(join(world.data, 'server/workspaces'))) {
    if (!/^\d+-\d+$/.test(name)) {
      faults.push(`workspaces/${name} is left over`);
      continue;
    }
    const run = await world.client.call('getRun', { params: { run: Number.parseInt(name, 10) } });
    if (run.status !== 'failed') faults.push(`the workspace of run #${name}, which ${run.status}, is left over`);
  }
  return faults;
}
