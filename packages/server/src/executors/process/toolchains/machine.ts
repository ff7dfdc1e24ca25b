import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { type FoundToolchain, Toolchain } from '../../../domain/runtime/toolchain.ts';
import { toolKind } from '../../../domain/runtime/tools.ts';
import { firstOn, isProgram, pathOf } from '../../../on-path.ts';
import type { Toolchains } from '../../toolchains.ts';
import { type Answer, ask, javaRelease, programOf } from './ask.ts';
import { aliasFolder, isFolder, makeFolder, names, real } from './folders.ts';
import { findManager, isManager } from './managers.ts';
import { homeOf, shelvesOf, spotsOf, tilde } from './places.ts';

export interface MachineOptions {
  /** What commands inherit: its PATH and home say where to look. */
  readonly env: Readonly<Record<string, string>>;
  /** Absolute: where folders are made for toolchains that have none of their own. */
  readonly folder: string;
  /** How long a look is good for, in ms. */
  readonly goodMs?: number;
  /** How long a toolchain may take to say what it is, in ms. */
  readonly answerMs?: number;
}

/** As many versions of one manager are looked at. */
const maxEntries = 200;

/** The toolchains of this machine. */
export class MachineToolchains implements Toolchains {
  readonly #env: Readonly<Record<string, string>>;
  readonly #folder: string;
  readonly #goodMs: number;
  readonly #answerMs: number;
  readonly #looks = new Map<string, { readonly at: number; readonly found: Promise<readonly FoundToolchain[]> }>();
  /** What programs said of themselves, by what they are: the same file says the same again. */
  readonly #answers = new Map<string, Answer>();

  constructor({ env, folder, goodMs = 10_000, answerMs = 10_000 }: MachineOptions) {
    this.#env = env;
    this.#folder = folder;
    this.#goodMs = goodMs;
    this.#answerMs = answerMs;
  }

  async has(name: string, before: readonly string[] = []): Promise<boolean> {
    return (await firstOn([...before, ...pathOf(this.#env)], toolKind(name)?.program ?? name)) !== null;
  }

  find(name: string, before: readonly string[] = []): Promise<readonly FoundToolchain[]> {
    const key = JSON.stringify([name, before]);
    const known = this.#looks.get(key);
    if (known !== undefined && performance.now() - known.at < this.#goodMs) return known.found;
    if (this.#looks.size > 1_000) this.#looks.clear();
    const found = this.#look(name, before);
    this.#looks.set(key, { at: performance.now(), found });
    return found;
  }

  async ready({ name, version, place, bin, program, env, aliases }: FoundToolchain): Promise<Toolchain> {
    if (aliases !== undefined) await makeFolder(bin, aliases);
    return Toolchain.parse({ name, version, place, bin, program, env });
  }

  async isThere({ bin, program }: Toolchain): Promise<boolean> {
    return (await isFolder(bin)) && (await isProgram(program));
  }

  async #look(name: string, before: readonly string[]): Promise<readonly FoundToolchain[]> {
    const path = [...before, ...pathOf(this.#env)];
    if (isManager(name))
      return findManager(name, path, { env: this.#env, folder: this.#folder, answerMs: this.#answerMs });
    const program = programOf(name);
    if (program === null) return [];
    const looks = [this.#onPath(name, program, path), ...this.#shelved(name, program), ...this.#spotted(name, program)];
    return distinct((await Promise.all(looks)).flat());
  }

  async #onPath(name: string, program: string, path: readonly string[]): Promise<FoundToolchain[]> {
    const found = await firstOn(path, program);
    if (found === null) return [];
    const answer = await this.#asked(name, found);
    if (answer === null || isSomebodys(answer.program)) return [];
    const same = (await real(found)) === (await real(answer.program));
    const env = envOf(name, answer.program);
    if (same && !(await this.#otherHome(name, answer.program))) {
      return [{ name, ...answer, place: onPath, bin: dirname(found), env, onPath: true }];
    }
    const bin = dirname(answer.program);
    const place = tilde(dirname(bin), homeOf(this.#env));
    const rustup = name === 'rust' && basename(await real(found)).startsWith('rustup');
    return [
      { name, ...answer, place, bin, env, onPath: true, standIn: true, ...(rustup ? { fetches: 'rustup' } : {}) },
    ];
  }

  /** Java's own tools follow JAVA_HOME, wherever the PATH leads. */
  async #otherHome(name: string, program: string): Promise<boolean> {
    const given = this.#env.JAVA_HOME;
    if (name !== 'java' || given === undefined) return false;
    return (await real(join(given, 'bin/java'))) !== (await real(program));
  }

  #shelved(name: string, program: string): Promise<FoundToolchain[]>[] {
    return shelvesOf(name, this.#env).map(async ({ folder, place, entry, bin }) => {
      const entries = (await names(folder)).filter((each) => entry.test(each)).slice(0, maxEntries);
      const found = entries.map(async (each): Promise<FoundToolchain[]> => {
        const path = join(folder, each, bin, program);
        if (!(await isProgram(path)) || isSomebodys(await real(path))) return [];
        const told = entry.exec(each)?.[1] ?? (await this.#asked(name, path))?.version;
        if (told === undefined) return [];
        const channel = /^(?:nightly|beta)(?:-\d{4}-\d{2}-\d{2})?/.exec(each)?.[0];
        const plain = aside(name, told, place, path);
        return [name === 'rust' && channel !== undefined ? { ...plain, channel } : plain];
      });
      return (await Promise.all(found)).flat();
    });
  }

  #spotted(name: string, program: string): Promise<FoundToolchain[]>[] {
    return spotsOf(name, this.#env).map(async ({ folder, place, program: fits }) => {
      const programs = (await names(folder)).filter((each) => fits.test(each)).slice(0, maxEntries);
      const found = programs.map(async (each): Promise<FoundToolchain[]> => {
        const path = join(folder, each);
        const answer = (await isProgram(path)) ? await this.#asked(name, path) : null;
        if (answer === null) return [];
        const plain = aside(name, answer.version, place, path);
        if (each === program) return [plain];
        const aliases = Object.fromEntries(usualNames(name, program).map((usual) => [usual, [path]]));
        return [{ ...plain, bin: aliasFolder(this.#folder, name, path), aliases }];
      });
      return (await Promise.all(found)).flat();
    });
  }

  /** What a program says of itself; once, as long as it is the same file and answers for itself. */
  async #asked(name: string, program: string): Promise<Answer | null> {
    const file = await stat(program).catch(() => null);
    if (file === null) return null;
    const key = JSON.stringify([program, file.dev, file.ino, file.size, file.mtimeMs]);
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const written = name === 'java' ? await javaRelease(program) : null;
    const answer = written ?? (await ask(name, program, this.#env, this.#answerMs));
    if (answer !== null && (await real(program)) === (await real(answer.program))) this.#answers.set(key, answer);
    return answer;
  }
}

const onPath = 'on the PATH';

/** What lies among somebody's dependencies is theirs: Towpath's own Node does. */
const isSomebodys = (program: string): boolean => program.includes('/node_modules/');

const envOf = (name: string, program: string): Record<string, string> =>
  name === 'java' ? { JAVA_HOME: dirname(dirname(program)) } : {};

/** One that the PATH does not lead to. @param program absolute */
const aside = (name: string, version: string, place: string, program: string): FoundToolchain => ({
  ...{ name, version, place, bin: dirname(program), program },
  ...{ env: envOf(name, program), onPath: false },
});

/** How commands call a program that carries its version in its name. */
const usualNames = (name: string, program: string): string[] => (name === 'python' ? [program, 'python'] : [program]);

/** The same toolchain by several ways, as by links, once: by the first, with the place that people know it by. */
async function distinct(found: readonly FoundToolchain[]): Promise<FoundToolchain[]> {
  const seen = new Map<string, FoundToolchain>();
  for (const each of found) {
    const key = await real(each.program);
    const known = seen.get(key);
    if (known === undefined) seen.set(key, each);
    else if (known.standIn === true) seen.set(key, { ...known, place: each.place });
  }
  return [...seen.values()];
}
