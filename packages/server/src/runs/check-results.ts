import type { CheckResult } from '@towpath/contract';
import { quoted } from './command.ts';

/** Where a script notes how each of its checks ended: in the checkout's `.git`, which no commit has files in, and gone with it. */
export const checksFile = (workspace: string, attempt: number): string => `${workspace}/.git/towpath-checks-${attempt}`;

/** One script for several checks: each runs whatever the others said, and notes its exit code; it fails when one of them did. */
export function checksScript(checks: Readonly<Record<string, string>>, file: string): string {
  const each = Object.entries(checks).map(
    ([name, command]) => `printf '%s\\n' ${quoted(`── ${name}`)} ${quoted(`$ ${command}`)}
sh -e -c ${quoted(command)} && towpath_code=0 || towpath_code=$?
[ "$towpath_code" -eq 0 ] || towpath_failed=1
printf '%s %s\\n' ${quoted(name)} "$towpath_code" >>${quoted(file)}`,
  );
  return [`rm -f ${quoted(file)}`, 'towpath_failed=0', ...each, 'exit "$towpath_failed"'].join('\n');
}

/** How each check ended, in their order; one without a note did not come to its end. */
export function checkResults(names: readonly string[], notes: string): CheckResult[] {
  const codes = new Map(
    notes.split('\n').flatMap((line) => {
      const [, name, code] = /^(\S+) (\d{1,3})$/.exec(line) ?? [];
      return name === undefined ? [] : [[name, Number(code)] as const];
    }),
  );
  return names.map((name) => {
    const exitCode = codes.get(name) ?? null;
    return { name, status: exitCode === 0 ? 'succeeded' : 'failed', exitCode };
  });
}

/** `lint failed (exit code 1), types passed`; a check that did not end is named as such. */
export const checksInWords = (results: readonly CheckResult[]): string =>
  results
    .map(({ name, status, exitCode }) => {
      if (status === 'succeeded') return `${name} passed`;
      return exitCode === null ? `${name} did not end` : `${name} failed (exit code ${exitCode})`;
    })
    .join(', ');
