import { printable } from '@towpath/contract';
import { fits } from './requirement.ts';
import type { FoundToolchain } from './toolchain.ts';
import { isRuntime, toolKind } from './tools.ts';
import { newestFirst } from './versions.ts';
import type { Wish } from './wishes.ts';

/** What comes of a wish on a machine. */
export interface Choice {
  readonly wish: Wish;
  /** What is used; null: nobody knows what the PATH has, or there is nothing. */
  readonly found: FoundToolchain | null;
  /** It must be put before the PATH. */
  readonly changes: boolean;
  /** For the log of prepare: `node 22.14.0 (~/.nvm, wanted by .nvmrc: 22)`; null: nothing to tell. */
  readonly line: string | null;
  /** Why nothing can run, with the way out; null: it can. */
  readonly refusal: string | null;
  /** What people should know of it: a refusal, or that it is not what was wished for. */
  readonly remark: string | null;
}

/** The best of what was found: what the PATH has, when it will do, else the newest that will. @param service whose settings could say otherwise */
export function choose(wish: Wish, found: readonly FoundToolchain[], service: string): Choice {
  const { name, requirement } = wish;
  const ranked = rank(name, found);
  const fitting = requirement === null ? undefined : ranked.find((each) => fits(name, requirement, each));
  if (fitting?.onPath === true && fitting.standIn !== true) return taken(wish, fitting, false);
  const fetcher = found.find((each) => each.fetches !== undefined);
  if (fetcher !== undefined && (wish.managed || ranked.length === 0)) {
    return taken(wish, { ...fetcher, version: '' }, !fetcher.onPath);
  }
  if (fitting !== undefined) return taken(wish, fitting, true);
  const [first] = ranked;
  if (first === undefined) return absent(wish, service);
  if (wish.wanted === null) return first.onPath ? { ...none(wish), found: first } : taken(wish, first, true);
  if (wish.must) return refused(wish, refusalOf(wish, ranked, service));
  return { ...remarked(wish, unfit(wish, first)), found: first, changes: !first.onPath };
}

/** What the PATH leads to, then the newest. */
function rank(name: string, found: readonly FoundToolchain[]): FoundToolchain[] {
  const sorted = found.filter((each) => each.version !== '').sort(newestFirst(name));
  return [...sorted.filter((each) => each.onPath), ...sorted.filter((each) => !each.onPath)];
}

const none = (wish: Wish): Choice => ({
  ...{ wish, found: null, changes: false },
  ...{ line: null, refusal: null, remark: null },
});
const refused = (wish: Wish, refusal: string): Choice => ({ ...none(wish), refusal, remark: refusal });
const remarked = (wish: Wish, line: string): Choice => ({ ...none(wish), line, remark: line });

function taken(wish: Wish, found: FoundToolchain, changes: boolean): Choice {
  const { name, wanted, origin } = wish;
  const by = wanted === null ? `for ${origin}` : `wanted by ${origin}: ${shown(wanted)}`;
  const [version, place] = whatOf(found);
  return { ...none(wish), found, changes, line: `${name}${version} (${place}, ${by})` };
}

/** `22.14.0 (~/.nvm)`, or who would fetch it. */
export function inWords(found: FoundToolchain): string {
  const [version, place] = whatOf(found);
  return version === '' ? place : `${version.trim()} (${place})`;
}

const whatOf = ({ version, place, fetches }: FoundToolchain): readonly [string, string] =>
  version === '' && fetches !== undefined ? ['', `through ${fetches}`] : [` ${version}`, place];

function unfit({ name, wanted, origin, requirement, because }: Wish, found: FoundToolchain): string {
  const what = `${name} ${found.version} (${found.place})`;
  if (requirement === null)
    return `${what}; ${origin} says ${shown(wanted ?? '')}, which is no version that can be read`;
  return `${what} is not what ${origin} wants: ${shown(wanted ?? '')}; it is used all the same, since ${because}. To get the other: ${getting(name, requirement.least)}`;
}

function absent(wish: Wish, service: string): Choice {
  const { name, wanted, origin, requirement } = wish;
  if (wish.must) return refused(wish, refusalOf(wish, [], service));
  const how = getting(name, requirement?.least ?? null);
  const by = wanted === null ? origin : `${origin}: ${shown(wanted)}`;
  const missing = `${name} is not on this machine (wanted by ${by})`;
  if (wish.needed) return refused(wish, `${missing}. Get it: ${how}`);
  return remarked(wish, `${missing}; no command names it. To get it: ${how}`);
}

function refusalOf(
  { name, wanted, origin, requirement }: Wish,
  found: readonly FoundToolchain[],
  service: string,
): string {
  const there = found.slice(0, shownAtMost).map(({ version, place }) => `${version} (${place})`);
  const more = found.length > shownAtMost ? ` and ${found.length - shownAtMost} more` : '';
  const has = found.length === 0 ? 'no other is there' : `there is ${there.join(', ')}${more}`;
  const first = found[0]?.version ?? '*';
  const other = isRuntime(name) ? `; or take another: towpath service set ${service} --runtime ${name}=${first}` : '';
  const missing = `${name} ${shown(wanted ?? '')}, wanted by ${origin}, is not on this machine: ${has}`;
  return `${missing}. Get it: ${getting(name, requirement?.least ?? null)}${found.length === 0 ? '' : other}`;
}

const shownAtMost = 6;
const getting = (name: string, version: string | null): string => toolKind(name)?.get(version) ?? 'install it';

/** A wish as it is written in a commit, which is hostile. */
export const shown = (text: string): string => printable(text.slice(0, 60));
