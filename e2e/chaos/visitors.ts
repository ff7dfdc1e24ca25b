import { Agent, request } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

/** A request of a user that came to nothing. Times in ms since 1970. */
export interface Failure {
  readonly host: string;
  readonly sentAt: number;
  readonly failedAt: number;
  readonly why: string;
}

const timeoutMs = 10_000;

/** A span of time in which requests may fail. */
export interface Outage {
  readonly from: number;
  readonly to: number;
}

/**
 * Users of services all the while: for each host one who keeps the connection and one who comes anew each time. Every request that is not
 * answered well is kept with its time, so that it can be held against the time in which the router was down.
 */
export class Visitors {
  readonly failures: Failure[] = [];
  total = 0;
  readonly #router: URL;
  readonly #betweenMs: number;
  readonly #kept = new Agent({ keepAlive: true });
  readonly #walks: Promise<void>[] = [];
  #over = false;

  constructor(routerUrl: string, hosts: readonly string[], betweenMs: number) {
    this.#router = new URL(routerUrl);
    this.#betweenMs = betweenMs;
    for (const host of hosts) this.#walks.push(this.#walk(host, this.#kept), this.#walk(host, false));
  }

  async leave(): Promise<void> {
    this.#over = true;
    await Promise.all(this.#walks);
    this.#kept.destroy();
  }

  /** Failures of requests that were under way at no moment of these outages. */
  unexcused(outages: readonly Outage[]): Failure[] {
    return this.failures.filter(
      ({ sentAt, failedAt }) => !outages.some(({ from, to }) => sentAt < to && failedAt > from),
    );
  }

  async #walk(host: string, agent: Agent | false): Promise<void> {
    while (!this.#over) {
      const sentAt = Date.now();
      this.total += 1;
      await ask(this.#router, host, agent).catch((error: unknown) => {
        const why = error instanceof Error ? error.message : String(error);
        this.failures.push({ host, sentAt, failedAt: Date.now(), why });
      });
      await pause(this.#betweenMs);
    }
  }
}

/** One request of a user; rejects unless the answer is good and whole. */
export function ask(router: URL, host: string, agent: Agent | false): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const options = { hostname: router.hostname, port: router.port, headers: { host }, agent, timeout: timeoutMs };
  const asked = request(options, (response) => {
    const { statusCode = 0 } = response;
    response.on('error', reject).on('end', () => {
      if (statusCode < 400) resolve();
      else reject(new Error(`status ${statusCode}`));
    });
    response.resume();
  });
  asked.on('timeout', () => asked.destroy(new Error(`no answer for ${timeoutMs / 1000} s`)));
  asked.on('error', reject);
  asked.end();
  return promise;
}
