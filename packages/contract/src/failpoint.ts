/** `name`, or `name:3` for the third pass. Read once: a failpoint is chosen when the process starts. */
const [, chosen, pass] = /^(.+?)(?::(\d+))?$/.exec(process.env.TOWPATH_FAILPOINT ?? '') ?? [];
let passesLeft = Number(pass ?? 1);

/** Kills this process at once (SIGKILL, nothing is tidied up) when TOWPATH_FAILPOINT names this place; otherwise does nothing. */
export function failpoint(name: string): void {
  if (name !== chosen) return;
  passesLeft -= 1;
  if (passesLeft <= 0) process.kill(process.pid, 'SIGKILL');
}
