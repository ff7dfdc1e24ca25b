/** `name`, or `name:3` for the third pass. Read once: a failpoint is chosen when the process starts. */
const [, chosen, pass] = /^(.+?)(?::(\d+))?$/.exec(process.env.TOWPATH_FAILPOINT ?? '') ?? [];
let passesLeft = Number(pass ?? 1);

/** A folder in which crashes are ordered while the process runs. Not imported: what only reads the wire types has no files. */
const folder = process.env.TOWPATH_FAILPOINTS ?? '';
const files = folder === '' ? null : process.getBuiltinModule('node:fs');

/**
 * Kills this process at once (SIGKILL, nothing is tidied up) when TOWPATH_FAILPOINT names this place, or the folder TOWPATH_FAILPOINTS
 * has a file of its name; one that holds `SIGSTOP` freezes the process instead. Otherwise does nothing.
 */
export function failpoint(name: string): void {
  if (name === chosen) {
    passesLeft -= 1;
    if (passesLeft <= 0) process.kill(process.pid, 'SIGKILL');
  }
  if (files !== null) obey(files, `${folder}/${name}`);
}

/** An order is for the first that passes: the file is renamed to `<name>.<pid>`, so one process alone gets it, and which can be read. */
function obey({ readFileSync, renameSync }: NonNullable<typeof files>, order: string): void {
  const taken = `${order}.${process.pid}`;
  try {
    renameSync(order, taken);
  } catch {
    return; // Nothing was ordered, or another process was first.
  }
  process.kill(process.pid, readFileSync(taken, 'utf8') === 'SIGSTOP' ? 'SIGSTOP' : 'SIGKILL');
}
