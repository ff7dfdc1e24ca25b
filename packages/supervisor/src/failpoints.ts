import { failpoint as pass } from '@towpath/contract/failpoint';

/** Where a crash can be ordered (TOWPATH_FAILPOINT): just before and just after whatever a crash could tear apart. */
export const failpoints = [
  'supervisor.epoch.before',
  'supervisor.epoch.after',
  'supervisor.accept.before',
  'supervisor.accept.after',
  'supervisor.spawn.after',
  'supervisor.gone.before',
  'supervisor.end.before',
  'supervisor.end.after',
  'supervisor.incarnation.before',
  'supervisor.incarnation.after',
  'supervisor.stop.before',
  'supervisor.stop.after',
  'supervisor.signal.after',
  'supervisor.forget.before',
  'supervisor.forget.after',
  'supervisor.replace.before',
  'supervisor.replace.after',
  'supervisor.shutdown.before',
  'supervisor.shutdown.after',
] as const;

export function failpoint(name: (typeof failpoints)[number]): void {
  pass(name);
}
