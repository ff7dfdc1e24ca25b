import type { HealthCheck } from '@towpath/contract/router';
import type { Replica } from './replica.ts';
import { ask, isHealthy } from './upstream/ask.ts';

/** A new replica is asked this often until it is healthy for the first time: its time to ready is the user's waiting time. */
const eagerMs = 50;
/** … and this often, once it has taken longer than any usual start. */
const patientMs = 250;
const usualStartMs = 30_000;
/** An unhealthy replica is asked at least this often: it may be back at any moment. */
const recoveryMs = 500;

export interface HealthRules extends HealthCheck {
  /** The host name that the check asks for. */
  readonly host: string;
  readonly headerBytes: number;
}

/** Asks one replica for its health, again and again, until stopped. */
export class HealthWatch {
  readonly #replica: Replica;
  readonly #onHealth: (replica: Replica, before: Replica['health']) => void;
  #rules: HealthRules;
  #failures = 0;
  #timer: NodeJS.Timeout | null = null;
  #asking = false;
  #again = false;
  #stopped = false;
  readonly #begun = performance.now();

  constructor(replica: Replica, rules: HealthRules, onHealth: (replica: Replica, before: Replica['health']) => void) {
    this.#replica = replica;
    this.#rules = rules;
    this.#onHealth = onHealth;
    this.#timer = setTimeout(() => this.#ask(), 0);
  }

  /** From the next check on. */
  setRules(rules: HealthRules): void {
    this.#rules = rules;
  }

  /** Asks at once; while it is asking, once more after that. */
  now(): void {
    if (this.#asking) this.#again = true;
    else this.#schedule(0);
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
  }

  #schedule(ms: number): void {
    if (this.#stopped) return;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), ms);
  }

  async #ask(): Promise<void> {
    this.#timer = null;
    this.#asking = true;
    const { host, path, timeoutMs, headerBytes } = this.#rules;
    const limits = { connectTimeoutMs: timeoutMs, headerBytes };
    const { status, error } = await ask(this.#replica.address, limits, { host, path, timeoutMs, holdMs: 0 });
    this.#asking = false;
    if (this.#stopped) return;
    if (status !== null && isHealthy(path, status)) this.#good();
    else this.#bad(error ?? `GET ${path} was answered with ${status}`);
    const again = this.#again;
    this.#again = false;
    this.#schedule(again ? 0 : this.#pauseMs());
  }

  #good(): void {
    this.#failures = 0;
    this.#replica.suspect = false;
    this.#set('healthy', null);
  }

  #bad(error: string): void {
    this.#failures++;
    const replica = this.#replica;
    const lost = replica.health !== 'unknown' && this.#failures >= this.#rules.failures;
    if (lost) replica.suspect = false;
    this.#set(lost ? 'unhealthy' : replica.health, error);
  }

  #set(health: Replica['health'], error: string | null): void {
    const before = this.#replica.health;
    this.#replica.setHealth(health, error);
    if (before !== health) this.#onHealth(this.#replica, before);
  }

  #pauseMs(): number {
    const { intervalMs } = this.#rules;
    if (this.#replica.suspect) return eagerMs;
    if (this.#replica.health === 'unknown') return performance.now() - this.#begun < usualStartMs ? eagerMs : patientMs;
    if (this.#replica.health === 'unhealthy') return Math.min(intervalMs, recoveryMs);
    return intervalMs;
  }
}
