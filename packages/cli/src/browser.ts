import { spawn } from 'node:child_process';

/** What opens an address on this desktop; null where there is none to look at. */
export function browserOf(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string | null {
  if (!process.stdout.isTTY || env.SSH_CONNECTION !== undefined) return null;
  if (platform === 'darwin') return 'open';
  return env.DISPLAY || env.WAYLAND_DISPLAY ? 'xdg-open' : null;
}

/** It goes on alone; that it is missing is no reason to fail, the address is printed. */
export function launch(program: string, url: string): void {
  const child = spawn(program, [url], { detached: true, stdio: 'ignore' });
  child.on('error', () => {});
  child.unref();
}
