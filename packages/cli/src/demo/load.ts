import { Agent, request } from 'node:http';

/** One request every so often, whether the ones before have been answered or not (open loop). */
const intervalMs = 20;
/** Every tenth request opens a connection of its own, every fifth sends a body. */
const freshEvery = 10;
const postEvery = 5;
const timeoutMs = 5_000;

export interface LoadTarget {
  readonly host: string;
  readonly path: string;
  /** Sent as JSON with every fifth request; null: only GET. */
  readonly body: { readonly path: string; readonly json: string } | null;
}

export interface LoadCount {
  readonly total: number;
  readonly failed: number;
  /** What failed, the first few. */
  readonly failures: readonly string[];
}

/** A constant load on some services, counted by who sends it: an answer under 500 is good, everything else failed. No retries. */
export class Load {
  readonly #router: URL;
  readonly #targets: readonly LoadTarget[];
  readonly #kept = new Agent({ keepAlive: true, maxSockets: 64 });
  readonly #open = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  #total = 0;
  #failed = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(routerUrl: string, targets: readonly LoadTarget[]) {
    this.#router = new URL(routerUrl);
    this.#targets = targets;
  }

  start(): void {
    this.#timer = setInterval(() => this.#send(), intervalMs);
  }

  /** Resolves when every request was answered or has failed. */
  async stop(): Promise<LoadCount> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#kept.destroy();
    return this.count;
  }

  get count(): LoadCount {
    return { total: this.#total, failed: this.#failed, failures: this.#failures };
  }

  #send(): void {
    const number = this.#total++;
    const target = this.#targets[number % this.#targets.length];
    if (target === undefined) return;
    const post = target.body !== null && number % postEvery === 0 ? target.body : null;
    const sent = this.#ask(target.host, post?.path ?? target.path, post?.json ?? null, number % freshEvery === 0)
      .catch((error: unknown) => {
        this.#failed++;
        if (this.#failures.length < 5)
          this.#failures.push(`${target.host}: ${error instanceof Error ? error.message : error}`);
      })
      .finally(() => this.#open.delete(sent));
    this.#open.add(sent);
  }

  #ask(host: string, path: string, json: string | null, fresh: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const asked = request(
      {
        host: this.#router.hostname,
        port: this.#router.port,
        path,
        method: json === null ? 'GET' : 'POST',
        headers: {
          host,
          ...(json === null ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
        },
        agent: fresh ? false : this.#kept,
        timeout: timeoutMs,
      },
      (response) => {
        const { statusCode = 0 } = response;
        response.on('error', reject);
        response.on('end', () => (statusCode < 500 ? resolve() : reject(new Error(`status ${statusCode}`))));
        response.resume();
      },
    );
    asked.on('timeout', () => asked.destroy(new Error(`no answer within ${timeoutMs / 1000} s`)));
    asked.on('error', reject);
    asked.end(json ?? undefined);
    return promise;
  }
}
