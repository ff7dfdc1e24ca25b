/**
 * The parts of a machine that some tests need. A test that misses one is skipped and says which and how to get it;
 * with TOWPATH_REQUIRE_PARTS set (as .ci/run does) it fails instead, unless the part is optional.
 */
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, test } from 'vitest';

/** Where Debian keeps the programs of its PostgreSQL 15: `initdb`, `postgres`, `pg_ctl`. */
export const postgres15 = '/usr/lib/postgresql/15/bin';

/** Debian's browser. */
export const chromium = '/usr/bin/chromium';

const parts = {
  git: { present: () => onPath('git'), how: 'install git' },
  postgres15: { present: () => existsSync(join(postgres15, 'postgres')), how: 'apt-get install postgresql-15' },
  root: { present: () => process.getuid?.() === 0, how: 'run the tests as root, too' },
  proc: { present: () => existsSync('/proc/self/stat'), how: 'run the tests on Linux' },
  npm: { present: () => onPath('npm'), how: 'install npm' },
  pnpm: { present: () => does('pnpm', '--version'), how: 'npm install --global pnpm' },
  python: { present: () => does('python3', '-c', 'import ensurepip, venv'), how: 'apt-get install python3-venv' },
  // Debian 12 has an older one, which scripts/test could not install in place of this: no machine is required to have it.
  chromium: { present: () => existsSync(chromium), how: 'apt-get install chromium' },
  go: { present: isGoRecent, how: 'install Go 1.22 or later: https://go.dev/dl', optional: true },
  cargo: { present: () => does('cargo', '--version'), how: 'install Rust: https://rustup.rs', optional: true },
} satisfies Record<string, { present: () => boolean; how: string; optional?: true }>;

export type Part = keyof typeof parts;

/** Declares the tests of `body` if the machine has all the parts; otherwise one test that says what is missing. */
export function withParts(needed: readonly Part[], body: () => void): void {
  const missing = needed.filter((part) => !parts[part].present());
  if (missing.length === 0) {
    body();
    return;
  }
  const reason = missing.map((part) => `needs ${part}: ${parts[part].how}`).join('; ');
  describe(`tests for machines with ${needed.join(', ')}`, () => {
    test(reason, ({ skip }) => {
      if (process.env.TOWPATH_REQUIRE_PARTS && !missing.every((part) => 'optional' in parts[part]))
        throw new Error(reason);
      skip(reason);
    });
  });
}

function onPath(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function does(program: string, ...argv: readonly string[]): boolean {
  return spawnSync(program, argv, { stdio: 'ignore' }).status === 0;
}

/** The examples ask for Go 1.22: patterns of `http.ServeMux`. */
function isGoRecent(): boolean {
  const said = spawnSync('go', ['version'], { encoding: 'utf8' }).stdout ?? '';
  return Number(/\bgo1\.(\d+)/.exec(said)?.[1] ?? 0) >= 22;
}
