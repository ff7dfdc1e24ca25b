import type { ProcessState } from '@towpath/contract/supervisor';
import type { ObservedReplica } from '../platform.ts';
import { type KnownReplica, parseReplicaId, type ReplicaName } from '../replicas.ts';

/** What the supervisor says of a replica, as the contract puts it; null for a process that is none. */
export function observedReplica(state: ProcessState): ObservedReplica | null {
  const name = parseReplicaId(state.key);
  if (name === null) return null;
  return {
    id: state.key,
    release: name.release,
    type: name.type,
    process: name.process,
    index: name.index,
    phase: phaseOf(state),
    address: state.port === null ? null : { host: '127.0.0.1', port: state.port },
    restarts: state.restarts,
    reason: reasonOf(state),
    lastEnd: lastEndOf(state),
    listens: state.listens,
  };
}

/** What the plan needs to know of a replica; null for a process that is none. */
export function knownReplica(state: ProcessState): KnownReplica | null {
  const name: ReplicaName | null = parseReplicaId(state.key);
  if (name === null) return null;
  const endedAt = state.endedAt === null ? null : Date.parse(state.endedAt);
  return { name, phase: phaseOf(state), stillborn: isStillborn(state), endedAt };
}

/** Somebody else took its port before it ever ran: a new one may get another port. Once it ran, its port is known and stays. */
export function isStillborn({ phase, startedAt, reason }: ProcessState): boolean {
  return phase === 'backoff' && startedAt === null && /^port \d+ is in use/.test(reason ?? '');
}

function phaseOf({ phase }: ProcessState): ObservedReplica['phase'] {
  // Kept running as it is, a service ends for good only when it is stopped.
  return phase === 'exited' ? 'stopped' : phase;
}

/** With the number of ends, where its own ends are the reason. */
function reasonOf({ phase, reason, exit, restarts }: ProcessState): string | null {
  if (phase !== 'backoff') return reason;
  const how = reason ?? `exited with code ${exit?.code ?? 0}`;
  return /^(exited|ended) /.test(how) ? counted(how, restarts) : how;
}

function lastEndOf({ exit, restarts }: ProcessState): string | null {
  if (exit === null || restarts === 0) return null;
  return counted(exit.signal === null ? `exited with code ${exit.code ?? 0}` : `ended by ${exit.signal}`, restarts);
}

const counted = (how: string, ends: number): string => (ends > 1 ? `${how}, ${ends} times` : how);
