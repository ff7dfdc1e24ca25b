/**
 * Vitest's global set-up of the integration tests: hands out databases. The first request starts PostgreSQL and migrates a template, each
 * request clones it (some 30 ms); runs without a test that asks for one start nothing.
 *
 *   TOWPATH_TEST_POSTGRES=embedded (default) | system | postgresql://… of a user who may create databases
 */
import { once } from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import type { ProvidedContext } from 'vitest';
import type { TestProject } from 'vitest/node';
import { migrate } from '../migrate.ts';
import { type Cluster, startCluster } from './cluster.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Unix socket of the hand-out of databases. */
    databases: string;
    /** Of a project in vitest.config.ts: the PostgreSQL that its tests run on, before TOWPATH_TEST_POSTGRES. */
    postgres: string;
  }
}

export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'twp-db-'));
  const socket = path.join(folder, 's');
  const chosen: Partial<ProvidedContext> = project.getProvidedContext();
  const databases = handOut(chosen.postgres ?? process.env.TOWPATH_TEST_POSTGRES ?? 'embedded');
  const server = http.createServer((request, response) => {
    databases.next(request.url === '/migrated').then(
      (url) => response.end(url),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(socket);
  await once(server, 'listening');
  project.provide('databases', socket);
  return async () => {
    server.close();
    server.closeAllConnections();
    await databases.end();
    fs.rmSync(folder, { recursive: true, force: true });
  };
}

function handOut(where: string) {
  const prefix = `towpath_test_${process.pid}`;
  const made: string[] = [];
  let cluster: Promise<Cluster> | undefined;
  let template: Promise<string> | undefined;
  let last: Promise<unknown> = Promise.resolve();

  async function admin(statement: string): Promise<void> {
    const client = new pg.Client({ connectionString: (await started()).url('postgres') });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  }
  function started(): Promise<Cluster> {
    cluster ??= begin(where);
    return cluster;
  }
  async function create(from: string): Promise<string> {
    const name = `${prefix}_${made.length}`;
    made.push(name);
    await admin(`create database ${name} template ${from}`);
    return name;
  }
  async function createTemplate(): Promise<string> {
    const name = await create('template0');
    await migrate((await started()).url(name));
    return name;
  }
  async function nextInTurn(migrated: boolean): Promise<string> {
    if (!migrated) return (await started()).url(await create('template0'));
    template ??= createTemplate();
    const name = await create(await template);
    return (await started()).url(name);
  }
  return {
    /** One after another: a template that is being cloned can't be cloned again. */
    next(migrated: boolean): Promise<string> {
      const url = last.catch(() => {}).then(() => nextInTurn(migrated));
      last = url;
      return url;
    },
    async end(): Promise<void> {
      const running = await cluster?.catch(() => undefined);
      if (running === undefined) return;
      for (const name of made) await admin(`drop database if exists ${name} with (force)`).catch(() => {});
      await running.stop();
    },
  };
}

async function begin(where: string): Promise<Cluster> {
  if (where === 'embedded' || where === 'system') return startCluster(where);
  if (!URL.canParse(where))
    throw new Error(`TOWPATH_TEST_POSTGRES is "${where}": use embedded, system or a postgresql URL`);
  return {
    url: (database) => Object.assign(new URL(where), { pathname: `/${database}` }).href,
    stop: async () => {},
  };
}
