import { createHash, randomUUID } from 'node:crypto';
import { chmod, mkdir, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { Commit, Name, TowpathError } from '@towpath/contract';
import type { SourceCommit, SourceFile } from '../conformance-scene.ts';
import type { CommitDescription, Source } from '../source.ts';

interface Repository {
  readonly branches: Map<string, string>;
  readonly tags: Map<string, string>;
  readonly commits: Map<string, SourceCommit>;
}

type Call = keyof Source;

/** Commits in memory, checked out into real folders. */
export class FakeSource implements Source {
  readonly #repositories = new Map<string, Repository>();
  readonly #failures: { call: Call; error: Error }[] = [];
  readonly #holds = new Map<Call, Promise<void>>();
  /** Every call in order: `head shop/api main`. */
  readonly calls: string[] = [];

  /** The next such call throws. */
  failNext(call: Call, error: Error): void {
    this.#failures.push({ call, error });
  }

  /** Such calls wait until the returned function is called. */
  hold(call: Call): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#holds.set(call, promise);
    return () => {
      this.#holds.delete(call);
      resolve();
    };
  }

  /** Somebody pushes; gives the commit's id. */
  push(name: string, commit: SourceCommit): string {
    const repository = this.#made(name);
    const before = repository.branches.get(commit.branch) ?? null;
    const id = createHash('sha1')
      .update(JSON.stringify([before, commit]))
      .digest('hex');
    repository.commits.set(id, commit);
    repository.branches.set(commit.branch, id);
    return id;
  }

  /** Somebody pushes a commit that is there. */
  move(name: string, branch: string, commit: string): void {
    this.#made(name).branches.set(branch, commit);
  }

  tag(name: string, tag: string, commit: string): void {
    this.#made(name).tags.set(tag, commit);
  }

  deleteBranch(name: string, branch: string): void {
    this.#made(name).branches.delete(branch);
  }

  async prepare(name: string): Promise<void> {
    await this.#begin('prepare', name);
    this.#made(name);
  }

  async head(name: string, branch: string): Promise<string | null> {
    return (await this.#begin('head', name, branch))?.branches.get(branch) ?? null;
  }

  async branches(name: string): Promise<{ branch: string; commit: string }[]> {
    const repository = await this.#begin('branches', name);
    const found = [...(repository?.branches ?? [])].map(([branch, commit]) => ({ branch, commit }));
    return found.sort((a, b) => (a.branch < b.branch ? -1 : 1));
  }

  async describe(name: string, commit: string, files: readonly string[] = []): Promise<CommitDescription | null> {
    const found = (await this.#begin('describe', name, commit))?.commits.get(full(commit));
    if (found === undefined) return null;
    const [subject = ''] = (found.message ?? 'a change').split('\n');
    const texts = files.flatMap((file) => {
      const text = found.files?.[file];
      return typeof text === 'string' && text.length <= 1_048_576 ? [[file, text] as const] : [];
    });
    return { message: subject.slice(0, 8_000), author: found.author ?? 'Ann', files: new Map(texts) };
  }

  async changed(name: string, before: string, after: string): Promise<string[] | null> {
    const commits = (await this.#begin('changed', name, before, after))?.commits;
    const [one, other] = [commits?.get(full(before))?.files ?? {}, commits?.get(full(after))?.files ?? {}];
    if (commits?.has(before) !== true || !commits.has(after)) return null;
    const paths = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
    return paths.filter((path) => !isDeepStrictEqual(one[path], other[path]));
  }

  async resolve(name: string, wanted: string): Promise<string | null> {
    const repository = await this.#begin('resolve', name, wanted);
    if (repository === undefined) return null;
    if (Commit.safeParse(wanted).success) return repository.commits.has(wanted) ? wanted : null;
    const short = /^[0-9a-f]{4,}$/.test(wanted)
      ? [...repository.commits.keys()].filter((id) => id.startsWith(wanted))
      : [];
    return (
      repository.branches.get(wanted) ?? repository.tags.get(wanted) ?? (short.length === 1 ? short[0] : null) ?? null
    );
  }

  async checkout(name: string, commit: string, folder: string): Promise<void> {
    const found = (await this.#begin('checkout', name, commit))?.commits.get(full(commit));
    if (found === undefined) throw new TowpathError('unknown_commit', `${name} has no commit ${commit}`);
    const there = () => readFile(join(folder, '.git', 'commit'), 'utf8').catch(() => null);
    if ((await there()) === commit) return;
    const part = join(dirname(folder), `.${randomUUID()}.part`);
    await write(part, { ...found.files, '.git/commit': commit });
    try {
      await rename(part, folder).catch(async () => {
        if ((await there()) === commit) return;
        await rm(folder, { recursive: true, force: true });
        await rename(part, folder);
      });
    } finally {
      await rm(part, { recursive: true, force: true });
    }
  }

  async #begin(call: Call, name: string, ...rest: string[]): Promise<Repository | undefined> {
    this.calls.push([call, name, ...rest].join(' '));
    await this.#holds.get(call);
    const at = this.#failures.findIndex((failure) => failure.call === call);
    const [failure] = at === -1 ? [] : this.#failures.splice(at, 1);
    if (failure !== undefined) throw failure.error;
    const parts = name.split('/');
    if (parts.length !== 2 || !parts.every((part) => Name.safeParse(part).success)) {
      throw new TowpathError('bad_request', `${JSON.stringify(name)} is no repository`);
    }
    return this.#repositories.get(name);
  }

  #made(name: string): Repository {
    const repository = this.#repositories.get(name) ?? { branches: new Map(), tags: new Map(), commits: new Map() };
    this.#repositories.set(name, repository);
    return repository;
  }
}

function full(commit: string): string {
  if (Commit.safeParse(commit).success) return commit;
  throw new TowpathError('bad_request', `${JSON.stringify(commit)} is no full commit id`);
}

async function write(folder: string, files: Readonly<Record<string, SourceFile>>): Promise<void> {
  for (const [name, file] of Object.entries(files)) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true });
    if (typeof file === 'string') await writeFile(path, file);
    else if ('link' in file) await symlink(file.link, path);
    else if ('submodule' in file) await mkdir(path);
    else {
      await writeFile(path, file.executable);
      await chmod(path, 0o755);
    }
  }
}
