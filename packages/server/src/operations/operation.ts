import { TowpathError, type Verb } from '@towpath/contract';
import { allow } from '../domain/access/policy.ts';
import type { Actor, House } from './house.ts';

/** One verb, ready for every transport. */
export type Operation<I, O> = (house: House, actor: Actor, input: I) => Promise<O>;

/**
 * The one authorisation point: nothing below it asks again, nothing above it may go around. The audit is the event that an operation
 * appends in its own transaction, with the actor's name.
 */
export function operation<I, O>(verb: Verb, run: Operation<I, O>): Operation<I, O> {
  return async (house, actor, input) => {
    const { allowed, reason } = allow(actor, verb, {});
    if (!allowed) throw new TowpathError('forbidden', reason);
    return run(house, actor, input);
  };
}
