import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { TowpathError } from '@towpath/contract';
import { copyable, faint, type Output, strong } from '../output.ts';

const cli = fileURLToPath(import.meta.resolve('@towpath/cli/main'));
const examples = fileURLToPath(new URL('../../../../examples', import.meta.url));

const failed = (message: string): TowpathError =>
  new TowpathError('internal', message, { help: 'What is left of the demo lies in its data folder, logs and all.' });

/** Where the story plays: a folder with the services' repositories, and commands typed in them as a user would. */
export class Stage {
  readonly #folder: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #output: Output;

  /** Everything lies below `folder`; the user's own logins and git settings stay untouched. */
  constructor(folder: string, output: Output) {
    if (!existsSync(examples)) {
      throw new TowpathError('bad_request', 'the demo needs the example services, which lie in the repository only', {
        help: 'Clone the repository and run ./towpath demo there.',
      });
    }
    this.#folder = folder;
    this.#output = output;
    this.#env = {
      ...process.env,
      XDG_CONFIG_HOME: `${folder}-settings`,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_AUTHOR_NAME: 'Ada',
      GIT_AUTHOR_EMAIL: 'ada@example.org',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.org',
    };
  }

  /** An empty folder for the services. After `up`, which wants its data folder to be empty or its own. */
  begin(): void {
    rmSync(this.#folder, { recursive: true, force: true });
    mkdirSync(this.#folder, { recursive: true });
  }

  scene(title: string): void {
    this.#output.line();
    this.#output.line(strong(title));
  }

  /** A repository of its own for an example service. */
  async repository(name: string): Promise<void> {
    cpSync(join(examples, name), this.path(name), {
      recursive: true,
      filter: (from) => !from.includes('node_modules'),
    });
    await this.#quietly(name, 'git', ['init', '--quiet', '--initial-branch=main']);
    await this.#quietly(name, 'git', ['add', '--all']);
    await this.#quietly(name, 'git', ['commit', '--quiet', '--message', `First version of ${name}`]);
  }

  path(name: string, file = ''): string {
    return join(this.#folder, name, file);
  }

  /** Changes one file and commits it. */
  async commit(name: string, file: string, change: (text: string) => string, message: string): Promise<void> {
    const before = readFileSync(this.path(name, file), 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`the demo's change to ${file} changed nothing`);
    writeFileSync(this.path(name, file), after);
    this.#typed(`git commit --all --message "${message}"`);
    await this.#quietly(name, 'git', ['commit', '--quiet', '--all', '--message', message]);
  }

  /** Pushes, showing what comes back line by line. A push is well when the branch moved, whatever its run comes to. */
  async push(name: string): Promise<void> {
    this.#typed('git push towpath main');
    const { code, text } = await this.#run(name, 'git', ['push', 'towpath', 'main'], (line) => {
      const told = /^remote: ?(.*?)\s*$/.exec(line)?.[1];
      if (told !== undefined) this.#output.line(`  ${told}`);
    });
    if (code !== 0) throw failed(`git push of ${name} failed:\n${text}`);
  }

  /** One of Towpath's own verbs, with `--json`: its answer. With a code that is not 0 the answer is given all the same. */
  async towpath(name: string, ...words: string[]): Promise<unknown> {
    this.#typed(`towpath ${words.map((word) => (/\s/.test(word) ? `"${word}"` : word)).join(' ')}`);
    const { code, out, text } = await this.#run(
      name,
      process.execPath,
      [...process.execArgv, cli, ...words, '--json'],
      () => {},
    );
    const last = out.trimEnd().split('\n').at(-1) ?? '';
    if (last.startsWith('{')) return JSON.parse(last);
    throw failed(`towpath ${words[0]} ended with code ${code}:\n${text}`);
  }

  #typed(command: string): void {
    this.#output.line(`${faint('$')} ${copyable(command)}`);
  }

  async #quietly(name: string, program: string, argv: readonly string[]): Promise<void> {
    const { code, text } = await this.#run(name, program, argv, () => {});
    if (code !== 0) throw failed(`${program} ${argv.join(' ')} in ${name} failed:\n${text}`);
  }

  #run(
    name: string,
    program: string,
    argv: readonly string[],
    onLine: (line: string) => void,
  ): Promise<{ code: number | null; out: string; text: string }> {
    const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; out: string; text: string }>();
    const cwd = existsSync(this.path(name)) ? this.path(name) : process.cwd();
    const child = spawn(program, argv, { cwd, env: this.#env, stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      out += piece;
      text += piece;
    });
    createInterface({ input: child.stderr }).on('line', (line) => {
      text += `${line}\n`;
      onLine(line);
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, text }));
    return promise;
  }
}
