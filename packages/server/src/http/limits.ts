import { TowpathError } from '@towpath/contract';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ServerConfig } from '../config.ts';
import type { Actor } from '../operations/house.ts';
import { type Left, Limit } from './limit.ts';

type Settings = ServerConfig['limits'];

/** The limits of one server process. Both throw `too_many_requests`. */
export interface Limits {
  /** Counts a request of the token, and says in the answer's header how much is left. */
  take(settings: Settings, actor: Actor, reply: FastifyReply): void;
  /** Does the work, whose failures count against the address that asks. */
  guess<T>(settings: Settings, request: FastifyRequest, reply: FastifyReply, work: () => Promise<T>): Promise<T>;
}

export function limitsOf(now: () => number = () => performance.now()): Limits {
  const limits = new Map<number, Limit>();
  const guesses = new Map<number, Limit>();
  return {
    take({ requestsPerMinute }, { name, tokenId }, reply) {
      if (tokenId === undefined) return;
      const limit = limitFor(limits, requestsPerMinute, Math.ceil(requestsPerMinute / 6));
      const left = limit.take(String(tokenId), now());
      reply.header('ratelimit-policy', `"token";q=${limit.size};w=10`);
      reply.header('ratelimit', `"token";r=${left.remaining};t=${left.resetSeconds}`);
      if (left.allowed) return;
      throw refusal(reply, left, `${name} asks more than ${requestsPerMinute} times a minute`);
    },
    async guess({ failedLoginsPerMinute }, request, reply, work) {
      const limit = limitFor(guesses, failedLoginsPerMinute, failedLoginsPerMinute);
      const address = addressOf(request);
      const left = limit.look(address, now());
      if (!left.allowed) throw refusal(reply, left, 'too many log-ins with a wrong token or code');
      try {
        return await work();
      } catch (error) {
        if (error instanceof TowpathError && error.code === 'unauthorised') limit.take(address, now());
        throw error;
      }
    },
  };
}

function refusal(reply: FastifyReply, { resetSeconds }: Left, what: string): TowpathError {
  reply.header('retry-after', String(resetSeconds));
  return new TowpathError('too_many_requests', `${what}: try again in ${resetSeconds} s`);
}

/** The limit of that size: settings hold for the life of a process, but tests have several. */
function limitFor(limits: Map<number, Limit>, perMinute: number, size: number): Limit {
  const limit = limits.get(perMinute) ?? new Limit(perMinute, size);
  limits.set(perMinute, limit);
  return limit;
}

/** The router sets this header, and takes away what a visitor puts into it. */
function addressOf({ headers }: FastifyRequest): string {
  const forwarded = headers['x-forwarded-for'];
  return typeof forwarded === 'string' ? forwarded : 'here';
}
