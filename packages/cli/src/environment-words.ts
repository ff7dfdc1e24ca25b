import { Admission, type EnvironmentPatch } from '@towpath/contract';
import { misused } from './verb.ts';

const units: Readonly<Record<string, number>> = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** `90m`, `12h`, `7d`, `2w` in milliseconds. */
export function durationFrom(word: string, what: string): number {
  const [, number, unit = ''] = /^(\d{1,6})([a-z])$/.exec(word) ?? [];
  const ms = units[unit];
  if (ms === undefined) throw misused(`${what} must be a time like 90m, 12h, 7d or 2w, not "${word}"`);
  return Number(number) * ms;
}

/** Each setting by the word that people type, and what its value becomes; an empty one takes it back. */
const settings: Readonly<Record<string, (value: string) => EnvironmentPatch>> = {
  deploy: (value) => ({ deploy: admissionFrom(value, 'deploy') }),
  branch: (value) => ({ branch: value === '' ? null : value }),
  'approval-timeout': (value) => ({ approvalMs: durationFrom(value, 'approval-timeout') }),
  after: (value) => ({ after: value === '' ? null : value }),
};

export function admissionFrom(value: string, what: string): Admission {
  const parsed = Admission.safeParse(value);
  if (parsed.success) return parsed.data;
  throw misused(`${what} must be ${Admission.options.join(', ')}, not "${value}"`);
}

/** `deploy=auto branch=main` as a change. */
export function patchFrom(words: readonly string[]): EnvironmentPatch {
  const known = Object.keys(settings).join(', ');
  const given = new Set<string>();
  let patch: EnvironmentPatch = {};
  for (const word of words) {
    const at = word.indexOf('=');
    const name = at < 0 ? word : word.slice(0, at);
    const read = Object.hasOwn(settings, name) ? settings[name] : undefined;
    if (read === undefined) throw misused(`"${name}" is no setting of an environment`, `There are ${known}.`);
    if (at < 0) throw misused(`${name} has no value`, `Write ${name}=….`);
    if (given.has(name)) throw misused(`${name} is given twice`, 'Give each setting once.');
    given.add(name);
    patch = { ...patch, ...read(word.slice(at + 1)) };
  }
  return patch;
}
