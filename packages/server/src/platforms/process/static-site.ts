import { fileURLToPath } from 'node:url';

/** The command line that serves a folder (absolute path) on $PORT of 127.0.0.1: what a release of a static site starts. */
export function staticSiteCommand(folder: string): readonly [string, ...string[]] {
  return [process.execPath, fileURLToPath(import.meta.resolve('@towpath/server/static-site')), folder];
}
