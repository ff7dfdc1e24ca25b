import type { ServiceSettings } from './settle.ts';

/**
 * Settings that would have no effect where the service runs, in plain words with the way out: better refused than silently ignored. The
 * process platform shares the machine with Towpath.
 */
export function unsupported({ resources, triggers }: ServiceSettings): string[] {
  const limits = Object.entries({ memory: resources.memoryMi, cpu: resources.cpu }).flatMap(([name, value]) =>
    value === undefined ? [] : [`resources.${name}: processes on this machine have no limits yet; leave it out`],
  );
  const pushes = triggers?.tags === undefined ? [] : ['triggers.tags: only branches start runs yet; leave it out'];
  return [...limits, ...pushes];
}
