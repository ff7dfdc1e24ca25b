import { Verb } from '@towpath/contract';

/** Who asks. */
export interface Actor {
  /** The token's name, as the audit shows it. */
  readonly name: string;
  readonly role: string;
  /** The token that it goes back to; absent for what acts by itself. */
  readonly tokenId?: number;
}

/** What it is asked for, as far as it is known: `{}` is the installation itself. */
export interface Subject {
  readonly project?: string;
  readonly service?: string;
  readonly environment?: string;
}

export interface Decision {
  readonly allowed: boolean;
  /** In plain words, for the answer and for the audit. */
  readonly reason: string;
}

/** What each role may do, anywhere. A role or verb that is not in here may not. */
const grants: ReadonlyMap<string, ReadonlySet<Verb>> = new Map([['owner', new Set(Verb.options)]]);

/** May the actor do this? The only place that decides it. */
export function allow(actor: Actor, verb: Verb, subject: Subject): Decision {
  const allowed = grants.get(actor.role)?.has(verb) ?? false;
  const named = [subject.project, subject.service, subject.environment].filter((part) => part !== undefined).join('/');
  const what = named === '' ? verb : `${verb} on ${named}`;
  return { allowed, reason: `${actor.name}, whose role is ${actor.role}, ${allowed ? 'may' : 'may not'} ${what}` };
}
