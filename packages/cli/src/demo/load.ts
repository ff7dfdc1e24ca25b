import { Agent, type IncomingMessage, request } from 'node:http';

/** What the load consists of, told by the number of the request: each share is spread evenly. */
const freshEvery = 10;
const postEvery = 5;
const streamEvery = 100;
/** No byte for so long is a failure. */
const timeoutMs = 5_000;
const tickMs = 10;
/** So many failures are kept word for word; all are counted. */
const toldFailures = 20;

export interface LoadTarget {
  readonly host: string;
  readonly path: string;
  /** Sent as JSON with every fifth request; null: only GET. */
  readonly body: { readonly path: string; readonly json: string } | null;
  /** Asked for with every hundredth request: an answer that takes its time. Null: there is none. */
  readonly stream: string | null;
}

export interface LoadCount {
  readonly total: number;
  readonly failed: number;
  /** What failed, the first few: when (ms since the start), what was asked, and why. */
  readonly failures: readonly string[];
  /** Of the answers that are no streams, until their last byte, in ms; 0 without any. */
  readonly p50: number;
  readonly p99: number;
}

/**
 * A constant load on some services: open loop, so a request is sent when its time has come, whether the ones before have been answered or
 * not. Counted by who sends it: a whole answer with a status under 400 is good, everything else failed. No retries.
 */
export class Load {
  readonly #router: URL;
  readonly #targets: readonly LoadTarget[];
  readonly #perSecond: number;
  readonly #kept = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  readonly #open = new Set<Promise<void>>();
  readonly #failures: string[] = [];
  readonly #tookMs: number[] = [];
  #total = 0;
  #failed = 0;
  #startedAt = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(routerUrl: string, targets: readonly LoadTarget[], perSecond: number) {
    this.#router = new URL(routerUrl);
    this.#targets = targets;
    this.#perSecond = perSecond;
  }

  start(): void {
    this.#startedAt = performance.now();
    const before = this.#total;
    this.#timer = setInterval(() => {
      const due = before + Math.floor(((performance.now() - this.#startedAt) * this.#perSecond) / 1000);
      while (this.#total < due) this.#send();
    }, tickMs);
  }

  /** Resolves when every request was answered or has failed. */
  async stop(): Promise<LoadCount> {
    clearInterval(this.#timer);
    await Promise.all(this.#open);
    this.#kept.destroy();
    return this.count;
  }

  get count(): LoadCount {
    const sorted = this.#tookMs.toSorted((a, b) => a - b);
    const at = (share: number): number => sorted[Math.floor(sorted.length * share)] ?? 0;
    return { total: this.#total, failed: this.#failed, failures: this.#failures, p50: at(0.5), p99: at(0.99) };
  }

  #send(): void {
    const number = this.#total++;
    const target = this.#targets[number % this.#targets.length];
    if (target === undefined) return;
    // Which of a target's requests it is: each of them gets the same shares of every kind.
    const turn = Math.floor(number / this.#targets.length);
    const streamed = target.stream !== null && turn % streamEvery === streamEvery - 1;
    const post = !streamed && turn % postEvery === 0 ? target.body : null;
    const path = streamed ? (target.stream ?? target.path) : (post?.path ?? target.path);
    const sentAt = performance.now();
    const sent = this.#ask(target.host, path, post?.json ?? null, turn % freshEvery === 1)
      .then(
        () => {
          if (!streamed) this.#tookMs.push(performance.now() - sentAt);
        },
        (error: unknown) => {
          this.#failed++;
          if (this.#failures.length >= toldFailures) return;
          const why = error instanceof Error ? error.message : String(error);
          const [at, took] = [sentAt - this.#startedAt, performance.now() - sentAt].map(Math.round);
          this.#failures.push(
            `${at} ms: ${post === null ? 'GET' : 'POST'} ${target.host}${path}, after ${took} ms: ${why}`,
          );
        },
      )
      .finally(() => this.#open.delete(sent));
    this.#open.add(sent);
  }

  #ask(host: string, path: string, json: string | null, fresh: boolean): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const asked = request({
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
    });
    asked.on('response', (response: IncomingMessage) => {
      const { statusCode = 0 } = response;
      response.on('error', reject);
      response.on('end', () => (statusCode < 400 ? resolve() : reject(new Error(`status ${statusCode}`))));
      response.resume();
    });
    asked.on('timeout', () => asked.destroy(new Error(`nothing came for ${timeoutMs / 1000} s`)));
    asked.on('error', reject);
    asked.end(json ?? undefined);
    return promise;
  }
}
