import type { ServerResponse } from 'node:http';
import { TowpathError } from '@towpath/contract';
import {
  Epoch,
  Fence,
  OwnerCheck,
  Shutdown,
  StartProcess,
  StopProcess,
  type SupervisorHealth,
} from '@towpath/contract/supervisor';
import { z } from 'zod';
import type { Keeper } from '../keeper.ts';
import { pause, unlessAborted } from '../process/timers.ts';
import type { System } from '../system.ts';
import { readLog } from './logs.ts';

/** What the routes act on. */
export interface Parts {
  readonly keeper: Keeper;
  readonly system: System;
  health(): SupervisorHealth;
  /** Throws supervisor_away during a shutdown: nothing is started any more. */
  refuseWhenLeaving(): void;
  /** Records the intention and resolves; the rest goes on by itself. */
  shutdown(processes: boolean): void;
}

export interface Call {
  /** The decoded parameters of the path. */
  readonly key: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body, undefined without one. */
  readonly body: unknown;
  readonly response: ServerResponse;
  /** Aborted when the caller hangs up. */
  readonly signal: AbortSignal;
}

/** An answer in JSON, or `sent` when the handler has written it itself. */
export type Answer = { readonly status: number; readonly body?: unknown } | 'sent';

export interface Route {
  readonly method: string;
  /** `:key` stands for one percent-encoded segment. */
  readonly path: string;
  handle(call: Call, parts: Parts): Promise<Answer> | Answer;
}

const Count = z.coerce.number().int().nonnegative();
const longestWaitMs = 24 * 3_600_000;

export const routes: readonly Route[] = [
  { method: 'GET', path: '/health', handle: (_, { health }) => ({ status: 200, body: health() }) },
  {
    method: 'PUT',
    path: '/processes/:key',
    async handle({ key, body }, { keeper, refuseWhenLeaving }) {
      refuseWhenLeaving();
      const { epoch, spec } = parse(StartProcess, body);
      return { status: 200, body: await keeper.start(key, epoch, spec) };
    },
  },
  {
    method: 'GET',
    path: '/processes',
    handle: ({ query }, { keeper }) => ({
      status: 200,
      body: keeper.list(query.get('owner') ?? undefined).map((kept) => kept.state()),
    }),
  },
  {
    method: 'GET',
    path: '/processes/:key',
    handle: async ({ key }, { keeper }) => ({ status: 200, body: await keeper.look(key) }),
  },
  {
    method: 'GET',
    path: '/processes/:key/wait',
    async handle({ key, query, signal }, { keeper }) {
      const kept = keeper.get(key);
      const timeoutMs = parse(Count.max(longestWaitMs), query.get('timeoutMs') ?? '30000', 'timeoutMs');
      await pause(timeoutMs, kept.over, signal);
      return { status: 200, body: kept.state() };
    },
  },
  {
    method: 'GET',
    path: '/processes/:key/logs',
    async handle({ key, query, response, signal }, { keeper }): Promise<Answer> {
      const kept = keeper.get(key);
      const offset = parse(Count, query.get('offset') ?? '0', 'offset');
      const follow = query.get('follow') === '1';
      response.writeHead(200, { 'content-type': 'application/octet-stream' });
      response.flushHeaders();
      const over = follow ? kept.over : null;
      // A task prints through a pipe: nothing can empty its log.
      const wish = { path: kept.folder.out, offset, mayShrink: follow && kept.spec.mode === 'service', over };
      for await (const bytes of readLog(wish, signal)) {
        if (!response.write(bytes)) await unlessAborted(drained(response), signal);
      }
      response.end();
      return 'sent';
    },
  },
  {
    method: 'POST',
    path: '/processes/:key/stop',
    handle({ key, body }, { keeper }) {
      const { epoch, graceMs } = parse(StopProcess, body);
      return { status: 200, body: keeper.stop(key, epoch, graceMs) };
    },
  },
  {
    method: 'DELETE',
    path: '/processes/:key',
    handle({ key, query }, { keeper }) {
      keeper.forget(key, parse(z.coerce.number().pipe(Epoch), query.get('epoch') ?? undefined, 'epoch'));
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/owner-check',
    handle: async ({ body }, { keeper }) => ({ status: 200, body: await keeper.checkOwner(parse(OwnerCheck, body)) }),
  },
  {
    method: 'POST',
    path: '/fence',
    handle({ body }, { keeper }) {
      const { owner, epoch } = parse(Fence, body);
      keeper.fence(owner, epoch);
      return { status: 204 };
    },
  },
  {
    method: 'POST',
    path: '/system/:key/restart',
    async handle({ key }, { system, refuseWhenLeaving }) {
      refuseWhenLeaving();
      return { status: 200, body: (await system.restart(key)).state() };
    },
  },
  {
    method: 'POST',
    path: '/shutdown',
    handle({ body }, { shutdown }) {
      shutdown(parse(Shutdown, body ?? {}).processes);
      return { status: 202 };
    },
  },
];

function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => response.once('drain', resolve));
}

/** Throws bad_request naming the field. The value is not repeated: it may be a secret of an environment. */
function parse<T>(schema: z.ZodType<T>, value: unknown, name = ''): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues.map(
    (issue) => `${[...(name ? [name] : []), ...issue.path].join('.') || 'body'}: ${issue.message}`,
  );
  throw new TowpathError('bad_request', issues.join('; '));
}
