import type { CheckView } from '@towpath/contract';
import type { Tone } from './status.ts';

/** How far two clocks may be apart before times and deadlines mislead, in ms. */
const clockMs = 5_000;

/** The server looked at its clock between the question and its answer. @param all in ms since 1970 */
export function clockCheck(theirs: number, asked: number, answered: number): CheckView {
  const apart = Math.max(0, asked - theirs, theirs - answered);
  if (apart <= clockMs) return { name: 'clocks', status: 'ok', found: 'this browser and the server agree', help: null };
  const found = `this browser and the server are ${Math.round(apart / 1000)} s apart`;
  return {
    name: 'clocks',
    status: 'warning',
    found,
    help: 'Let both set their clocks by NTP: timedatectl set-ntp true',
  };
}

/** How Towpath is in a sentence. */
export function systemSentence(checks: readonly CheckView[]): { tone: Tone; text: string } {
  const of = (status: CheckView['status']): string[] =>
    checks.flatMap((each) => (each.status === status ? [each.name] : []));
  const broken = of('broken');
  const warned = of('warning');
  if (broken.length > 0) return { tone: 'bad', text: `${list(broken)} ${broken.length === 1 ? 'is' : 'are'} broken` };
  if (warned.length > 0)
    return { tone: 'waiting', text: `${list(warned)} ${warned.length === 1 ? 'needs' : 'need'} a look` };
  return { tone: 'good', text: 'Towpath is fine' };
}

const list = (names: readonly string[]): string =>
  names.length < 2 ? `${names[0]}` : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
