import type { CheckedProbe, ProbeAnswer } from '@towpath/contract/router';
import { Dispatch, type FindRoute } from './dispatch.ts';
import type { LiveBackend, LiveRoute } from './live.ts';
import { ask, isHealthy, question } from './upstream/ask.ts';
import type { ConnectionLimits, Failure } from './upstream/connection.ts';
import type { AnswerHead } from './upstream/head.ts';

/** Our side leaves the connection of a probe open for so long: 3 s are promised. */
const holdMs = 3_500;

/** One request on the control plane's behalf: to an address, or the way that a user's request goes. Never rejects. */
export async function probe(find: FindRoute, limits: ConnectionLimits, asked: CheckedProbe): Promise<ProbeAnswer> {
  const { to, path, timeoutMs } = asked;
  if ('host' in to) return new RouteProbe(find, to.host, to.release ?? null, path, timeoutMs).run();
  const host = 'socket' in to.address ? 'localhost' : to.address.host;
  const answer = await ask(to.address, limits, { host, path, timeoutMs, holdMs });
  return { ...answer, ok: answer.status !== null && isHealthy(path, answer.status), replica: null, release: null };
}

/** A probe through the routes: chosen, sent and tried again by the same code as a user's request. */
class RouteProbe extends Dispatch {
  readonly #host: string;
  readonly #release: string | null;
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #begun = performance.now();
  #resolve: ((answer: ProbeAnswer) => void) | null = null;
  #deadline: NodeJS.Timeout | null = null;

  constructor(find: FindRoute, host: string, release: string | null, path: string, timeoutMs: number) {
    super(
      find,
      host,
      { head: question(host, path), headRequest: false, hasBody: false, upgrade: false, repeatable: true },
      true,
    );
    this.#host = host;
    this.#release = release;
    this.#path = path;
    this.#timeoutMs = timeoutMs;
  }

  run(): Promise<ProbeAnswer> {
    return new Promise((resolve) => {
      this.#resolve = resolve;
      this.#deadline = setTimeout(() => {
        this.#answer(null, `no answer within ${this.#timeoutMs} ms`);
        this.abandon();
      }, this.#timeoutMs);
      this.attempt();
    });
  }

  /** A release that is asked for by name answers even before it has weight. */
  protected override chooseBackend(route: LiveRoute | undefined): LiveBackend | null {
    if (this.#release === null) return super.chooseBackend(route);
    return route?.backends.find((backend) => backend.release === this.#release) ?? null;
  }

  onHead(head: AnswerHead): void {
    // A connection that the replica is about to close proves nothing of who owns it later.
    if (this.connection !== null && head.keepAlive) this.connection.holdUntil = performance.now() + holdMs;
    this.#answer(head.status, null, head.keepAlive || !head.sized);
    // The rest of an endless answer is not of interest; until then the connection stays open, as promised.
    this.#deadline = setTimeout(() => this.abandon(), holdMs).unref();
  }

  onEnd(): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    this.leave();
  }

  protected onNowhere(lost: Failure | null): void {
    if (lost !== null) this.#answer(null, lost.message);
    else if (this.backend !== null) this.#answer(null, `release ${this.backend.release} has no replica in the table`);
    else if (this.#release !== null)
      this.#answer(null, `release ${this.#release} does not stand behind ${this.#host} in the table`);
    else this.#answer(null, `no release has weight behind ${this.#host} in the table`);
  }

  protected onLost(failure: Failure): void {
    this.#answer(null, failure.message);
  }

  #answer(status: number | null, error: string | null, open = false): void {
    if (this.#deadline !== null) clearTimeout(this.#deadline);
    const resolve = this.#resolve;
    this.#resolve = null;
    if (resolve === null) return;
    const { localPort, remotePort } = this.connection?.socket ?? {};
    resolve({
      ok: status !== null && isHealthy(this.#path, status),
      status,
      error,
      ms: performance.now() - this.#begun,
      replica: this.replica?.id ?? null,
      release: this.replica?.release ?? this.backend?.release ?? null,
      localPort: (open ? localPort : null) ?? null,
      port: remotePort ?? null,
    });
  }

  protected get bodyBegun(): boolean {
    return false;
  }

  onReady(): void {}
  onContinue(): void {}
  onBody(): void {}
  onDelivered(): void {}
  onUpgrade(): void {}
  onDrain(): void {}
}
