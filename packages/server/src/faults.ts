import { setTimeout as sleep } from 'node:timers/promises';
import { type ErrorCode, TowpathError } from '@towpath/contract';

/** Failures on purpose: what a fake driver suffers on its way to whoever it speaks to. Tests set the fields at any time. */
export class Faults {
  /** So many calls fail and do nothing; Infinity: until it is set to 0. */
  away = 0;
  /** So many calls do their work, but their answer is lost. */
  lostAnswers = 0;
  /** How long every call takes. */
  delayMs = 0;
  readonly #code: ErrorCode;
  readonly #who: string;

  /** `who` does not answer: calls that fail throw a TowpathError with this code. */
  constructor(code: ErrorCode, who: string) {
    this.#code = code;
    this.#who = who;
  }

  /** Runs one call under the faults. */
  async call<T>(action: () => T | Promise<T>): Promise<T> {
    if (this.delayMs > 0) await sleep(this.delayMs);
    if (this.away > 0) {
      this.away -= 1;
      throw this.#lost();
    }
    const answer = await action();
    if (this.lostAnswers > 0) {
      this.lostAnswers -= 1;
      throw this.#lost();
    }
    return answer;
  }

  #lost(): TowpathError {
    return new TowpathError(this.#code, `${this.#who} does not answer`);
  }
}
