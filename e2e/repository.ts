import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Ended, type Started, start, succeed } from './program.ts';
import type { Files } from './templates.ts';

/** What a push came to. */
export interface Pushed {
  /** git's own exit code: 0 when the branch moved. */
  readonly code: number | null;
  /** What Towpath said to the pusher, line by line, without git's `remote: `. */
  readonly lines: readonly string[];
  /** The run that the push began; null when it said of none. */
  readonly run: number | null;
  /** All that git printed. */
  readonly said: string;
}

/** A push under way. */
export interface Pushing extends Started {
  /** Resolves with the first line so far or to come that matches; rejects when the push ends without one. */
  line(pattern: RegExp): Promise<string>;
  readonly pushed: Promise<Pushed>;
}

/** A git repository on a developer's machine. */
export class Repository {
  readonly folder: string;
  readonly #env: NodeJS.ProcessEnv;

  private constructor(folder: string, env: NodeJS.ProcessEnv) {
    this.folder = folder;
    this.#env = env;
  }

  /** With one commit of these files on the branch main; without any files, without a commit. */
  static async begin(folder: string, env: NodeJS.ProcessEnv, files: Files): Promise<Repository> {
    const repository = new Repository(folder, env);
    mkdirSync(folder, { recursive: true });
    await repository.git('init', '--quiet', '--initial-branch=main');
    if (Object.keys(files).length > 0) await repository.commit('First version', files);
    return repository;
  }

  git(...argv: readonly string[]): Promise<Ended> {
    return succeed('git', argv, { cwd: this.folder, env: this.#env });
  }

  /** Writes the files and commits all that changed; without files, an empty commit. Answers with the commit's id. */
  async commit(message: string, files: Files = {}): Promise<string> {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.folder, path)), { recursive: true });
      writeFileSync(join(this.folder, path), text);
    }
    await this.git('add', '--all');
    await this.git('commit', '--quiet', '--allow-empty', '--message', message);
    return (await this.git('rev-parse', 'HEAD')).stdout.trim();
  }

  async remove(path: string): Promise<void> {
    rmSync(join(this.folder, path), { recursive: true });
  }

  /** Resolves when the push returns: when its run has ended or waits for a person. */
  push(branch = 'main', remote = 'towpath'): Promise<Pushed> {
    return this.pushing(branch, remote).pushed;
  }

  pushing(branch = 'main', remote = 'towpath'): Pushing {
    const lines: string[] = [];
    const awaited = new Set<{ pattern: RegExp; resolve: (line: string) => void; reject: (error: Error) => void }>();
    const onLine = (text: string): void => {
      const line = /^remote: ?(.*?)\s*$/.exec(text)?.[1];
      if (line === undefined) return;
      lines.push(line);
      for (const each of awaited) if (each.pattern.test(line)) each.resolve(line);
    };
    const started = start('git', ['push', remote, branch], { cwd: this.folder, env: this.#env, onLine });
    const pushed = started.ended.then(({ code, stdout, stderr }): Pushed => {
      const said = stdout + stderr;
      for (const each of awaited) each.reject(new Error(`the push ended without ${each.pattern}:\n${said}`));
      const run = lines
        .map((line) => /^\S+ #(\d+) [0-9a-f]{7} on /.exec(line)?.[1])
        .find((found) => found !== undefined);
      return { code, lines, run: run === undefined ? null : Number(run), said };
    });
    return {
      ...started,
      pushed,
      line: async (pattern) => {
        const there = lines.find((line) => pattern.test(line));
        if (there !== undefined) return there;
        const { promise, resolve, reject } = Promise.withResolvers<string>();
        awaited.add({ pattern, resolve, reject });
        return promise;
      },
    };
  }
}
