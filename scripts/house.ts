import { posix } from 'node:path';
import type { Import } from './imports.ts';
import { floors, outside, type Package, packages, type Room } from './layers.ts';

/** Where a file stands. `room` only in the server, `driver` only in a room of drivers. */
export interface Place {
  readonly area: string;
  readonly room?: string;
  readonly driver?: string;
  readonly test: boolean;
}

const rooms = new Map<string, Room & { floor: number }>(
  floors.flatMap((floor, index) => Object.entries(floor).map(([name, room]) => [name, { ...room, floor: index }])),
);

/** The room that a folder or file right below server/src belongs to. */
const roomOf = new Map([...rooms].flatMap(([name, { files = [] }]) => [name, ...files].map((file) => [file, name])));

/** The place of a file, by its path from the root; throws with the reason when the layer table knows no such place. */
export function placeOf(file: string): Place {
  const [top = '', area = '', src, ...inside] = file.split('/');
  const test = /\.test\.ts$|\/testing\/|\/conformance[^/]*\.ts$|[/-]scene\.ts$/.test(file);
  if (top in outside) return { area: top, test: true };
  if (top !== 'packages' || !(area in packages)) throw new Error('is in no package of the layer table');
  if (src !== 'src' || area !== 'server') return { area, test };
  const name = (inside[0] ?? '').replace(/(\.integration)?\.test\.ts$/, '.ts');
  const room = roomOf.get(name);
  if (room === undefined) throw new Error(`is in no room of the layer table: there is no server/src/${name} in it`);
  const driver = rooms.get(room)?.drivers && inside.length > 2 ? inside[1] : undefined;
  return { area, room, test, ...(driver === undefined ? {} : { driver }) };
}

/** Why a file may not have this import; undefined when it may. Paths are from the root, with forward slashes. */
export function refusal(file: string, { specifier, kind }: Import): string | undefined {
  const from = placeOf(file);
  if (specifier.startsWith('.')) return refuseFile(from, posix.join(posix.dirname(file), specifier));
  const [, name, entry] = /^@towpath\/([^/]+)\/?(.*)$/.exec(specifier) ?? [];
  if (name !== undefined) return refusePackage(from, name, entry ?? '', kind);
  return refuseLibrary(from, specifier);
}

function refuseFile(from: Place, target: string): string | undefined {
  if (target === 'scripts/parts.ts') return from.test ? undefined : 'only tests ask for the parts of the machine';
  const to = placeOf(target);
  if (to.test && !from.test && from.driver !== 'fake') return 'it is there for tests only';
  if (outside[from.area]?.beside?.includes(to.area)) return undefined;
  if (to.area !== from.area) return `${to.area} is reached by its package name, not by a path`;
  if (from.room === undefined || to.room === undefined) return undefined;
  if (from.room === to.room) return refuseDriver(from, to);
  const own = rooms.get(from.room)?.floor ?? 0;
  const other = rooms.get(to.room)?.floor ?? 0;
  if (other < own || (other === own && from.test)) return undefined;
  return other === own
    ? `${from.room} and ${to.room} are rooms of one floor: take a port that main.ts hands in`
    : `${to.room} is above ${from.room}`;
}

function refuseDriver(from: Place, to: Place): string | undefined {
  if (to.driver === undefined || from.driver === to.driver) return undefined;
  if (from.driver === undefined)
    return from.test ? undefined : `${from.room} must not know its driver ${to.driver}: main.ts lists the drivers`;
  return `no driver imports another: ${from.room}/${from.driver} and ${to.driver}`;
}

function refusePackage(from: Place, name: string, entry: string, kind: Import['kind']): string | undefined {
  if (!(name in packages)) return `there is no package ${name} in the layer table`;
  // To start another program its address is enough; nothing of it is loaded.
  if (from.test || from.area === name || (kind === 'resolve' && entry === 'main')) return undefined;
  const room = from.room === undefined ? undefined : rooms.get(from.room);
  const allowed = [...(packages[from.area]?.packages ?? []), ...(room?.packages ?? [])];
  if (allowed.includes(name) || allowed.includes(`${name}/${entry}`)) return undefined;
  return `${from.area} may import ${allowed.join(', ') || 'no package'}`;
}

function refuseLibrary(from: Place, specifier: string): string | undefined {
  if (from.test) return undefined;
  const name = specifier.startsWith('node:')
    ? 'node'
    : specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  const allowed = (from.room === undefined ? packages[from.area] : rooms.get(from.room))?.libraries ?? [];
  if (allowed.includes(name)) return undefined;
  return `${from.room ?? from.area} may import ${allowed.join(', ') || 'no library'}`;
}

/** A circle among the packages of the table, as the names on the way round; undefined when there is none. */
export function packageCircle(table: Readonly<Record<string, Package>> = packages): string[] | undefined {
  const visit = (name: string, path: string[]): string[] | undefined => {
    if (path.includes(name)) return [...path.slice(path.indexOf(name)), name];
    const next = (table[name]?.packages ?? []).map((allowed) => allowed.split('/')[0] ?? allowed);
    return next.map((other) => visit(other, [...path, name])).find((circle) => circle !== undefined);
  };
  return Object.keys(table)
    .map((name) => visit(name, []))
    .find((circle) => circle !== undefined);
}
