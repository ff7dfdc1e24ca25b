import { execFile } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

/** What a toolchain says of itself. */
export interface Answer {
  readonly version: string;
  /** Absolute: the program that really answered; another one than was asked where that is a stand-in of a version manager. */
  readonly program: string;
}

interface Question {
  readonly program: string;
  readonly argv: readonly (readonly string[])[];
  readonly answer: (said: string) => Answer | null;
}

/** A version and a path, a line each. */
const twoLines = (said: string): Answer | null => {
  const [version = '', program = ''] = said.trim().split('\n');
  return answered(version, program);
};

function answered(version: string | undefined, program: string | undefined): Answer | null {
  return version !== undefined && program?.startsWith('/') === true && /^[\w.+-]{1,60}$/.test(version)
    ? { version: version.replace(/^(v|go)(?=\d)/, ''), program }
    : null;
}

const questions: Readonly<Record<string, Question>> = {
  node: { program: 'node', argv: [['-p', 'process.version + "\\n" + process.execPath']], answer: twoLines },
  bun: { program: 'bun', argv: [['-e', 'console.log(Bun.version + "\\n" + process.execPath)']], answer: twoLines },
  python: {
    program: 'python3',
    argv: [['-I', '-c', 'import platform, sys; print(platform.python_version()); print(sys.executable)']],
    answer: twoLines,
  },
  go: {
    program: 'go',
    argv: [['env', 'GOVERSION', 'GOROOT']],
    answer: (said) => {
      const [version, root] = said.trim().split('\n');
      return answered(version, root === undefined ? undefined : join(root, 'bin/go'));
    },
  },
  rust: {
    program: 'rustc',
    argv: [['-vV'], ['--print', 'sysroot']],
    answer: (said) => answered(/^release: (.+)$/m.exec(said)?.[1], rustcIn(/^\/.+$/m.exec(said)?.[0])),
  },
  java: {
    program: 'java',
    argv: [['-XshowSettings:properties', '-version']],
    answer: (said) => {
      const [home, version] = ['home', 'version'].map(
        (key) => new RegExp(`^\\s*java\\.${key} = (.+)$`, 'm').exec(said)?.[1],
      );
      return answered(version, home === undefined ? undefined : join(home, 'bin/java'));
    },
  },
  ruby: {
    program: 'ruby',
    argv: [['--disable-gems', '-rrbconfig', '-e', 'puts RUBY_VERSION, RbConfig.ruby']],
    answer: twoLines,
  },
  php: { program: 'php', argv: [['-n', '-r', 'echo PHP_VERSION, "\\n", PHP_BINARY;']], answer: twoLines },
};

const rustcIn = (root: string | undefined): string | undefined =>
  root === undefined ? undefined : join(root, 'bin/rustc');

/** The program that a language's toolchain is known by; null: it is none of those that are known here. */
export const programOf = (name: string): string | null =>
  Object.hasOwn(questions, name) ? (questions[name]?.program ?? null) : null;

const run = promisify(execFile);

/** Asks a toolchain what it is; null when it does not say so in time. @param program absolute @param env what it is run with */
export async function ask(
  name: string,
  program: string,
  env: Readonly<Record<string, string>>,
  timeout: number,
): Promise<Answer | null> {
  const question = questions[name];
  if (question === undefined) return null;
  const options = {
    // No folder of anybody's: what is on the PATH may decide by the folder.
    cwd: '/',
    // Go would fetch another one, and say what that is.
    env: { ...env, GOTOOLCHAIN: 'local' },
    timeout,
    killSignal: 'SIGKILL' as const,
    maxBuffer: 1_048_576,
  };
  try {
    const said: string[] = [];
    for (const argv of question.argv) {
      const { stdout, stderr } = await run(program, [...argv], options);
      said.push(stdout, stderr);
    }
    return question.answer(said.join(''));
  } catch {
    return null; // absent, not for this machine, silent: it is no toolchain
  }
}

/** What Java writes down of itself beside its programs, so that it need not be started. */
export async function javaRelease(program: string): Promise<Answer | null> {
  const real = await realpath(program).catch(() => program);
  const path = join(dirname(real), '../release');
  const { size } = await stat(path).catch(() => ({ size: 0 }));
  if (size === 0 || size > 65_536) return null;
  const text = await readFile(path, 'utf8').catch(() => '');
  return answered(/^JAVA_VERSION="([^"\n]+)"/m.exec(text)?.[1], real);
}
