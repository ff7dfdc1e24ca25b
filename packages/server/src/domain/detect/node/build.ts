import { join, wayUp } from '../files.ts';
import { type Found, listed, type Place, word } from '../found.ts';
import type { Manager } from './managers.ts';
import { type NodePackage, readNodePackage } from './package.ts';

interface Member {
  readonly name: string;
  readonly folder: string;
  readonly own: NodePackage;
}

/** The script "build"; in a workspace after those of the members that the service depends on. */
export function buildOf(place: Place, own: NodePackage, manager: Manager): Found | null {
  const origin = 'package.json, script "build"';
  const mine = own.script('build') === null ? null : { value: manager.script('build'), origin };
  if (manager.root === place.folder || own.name === null) return mine;
  const before = builtBefore(place, own, manager);
  if (before.length === 0) return mine;
  const after = `${mine === null ? 'package.json' : origin}, after ${listed(before.map((each) => each.name))} of the workspace`;
  if (readNodePackage(place.repository, manager.root)?.dependsOn('turbo')) {
    return { value: manager.program(`turbo run build --filter=${word(own.name)}`), origin: after };
  }
  if (manager.name === 'pnpm') return { value: `pnpm --filter ${word(`${own.name}...`)} run build`, origin: after };
  const { name } = manager;
  const run = inMember[name === 'yarn' || name === 'bun' ? name : 'npm'];
  const each = before.map((member) =>
    run(member, join(wayUp(place.folder, manager.root), within(member.folder, manager.root))),
  );
  return { value: [...each, ...(mine === null ? [] : [mine.value])].join(' && '), origin: after };
}

/** How the others run the script of one member; `way` leads to its folder. */
const inMember: Readonly<Record<Exclude<Manager['name'], 'pnpm'>, (member: Member, way: string) => string>> = {
  npm: (_, way) => `npm --prefix ${word(way)} run build`,
  yarn: ({ name }) => `yarn workspace ${word(name)} run build`,
  bun: (_, way) => `bun run --cwd ${word(way)} build`,
};

function within(folder: string, root: string): string {
  return root === '.' ? folder : folder.slice(root.length + 1);
}

/** Members with a build that the service needs, directly or through others; each after those that it needs itself. */
function builtBefore({ repository }: Place, own: NodePackage, manager: Manager): Member[] {
  const members = new Map(
    manager.members.flatMap((folder) => {
      const package_ = readNodePackage(repository, folder);
      return package_?.name == null ? [] : [[package_.name, { name: package_.name, folder, own: package_ }] as const];
    }),
  );
  const seen = new Set<string>(own.name === null ? [] : [own.name]);
  const found: Member[] = [];
  const visit = (from: NodePackage): void => {
    for (const name of Object.keys(from.dependencies)) {
      const member = members.get(name);
      if (member === undefined || seen.has(name)) continue;
      seen.add(name);
      visit(member.own);
      if (member.own.script('build') !== null) found.push(member);
    }
  };
  visit(own);
  return found;
}
