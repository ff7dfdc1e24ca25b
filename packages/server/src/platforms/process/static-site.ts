import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The command line that serves a folder (absolute path) on $PORT of 127.0.0.1: what a release of a static site starts. */
export function staticSiteCommand(folder: string): readonly [string, ...string[]] {
  const main = new URL(`./static-site/main${extname(import.meta.url)}`, import.meta.url);
  return [process.execPath, fileURLToPath(main), folder];
}
