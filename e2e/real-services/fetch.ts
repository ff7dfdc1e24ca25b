import { cpSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { succeed } from '../program.ts';
import type { RealService } from './list.ts';

const Module = z.object({ Dir: z.string() });

/** Leaves what the registry's own client fetched, unpacked, in `folder`, which must not be there. pip runs the package's own code to do so. */
export async function fetchService(service: RealService, folder: string): Promise<void> {
  const aside = `${folder}.fetched`;
  mkdirSync(aside, { recursive: true });
  try {
    await clients[service.registry](service, aside, folder);
    await succeed('chmod', ['-R', 'u+w', folder], { cwd: aside, env: process.env });
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

type Fetch = (service: RealService, aside: string, folder: string) => Promise<void>;

const clients: Readonly<Record<RealService['registry'], Fetch>> = {
  npm: async ({ package: name, version }, aside, folder) => {
    const where = { cwd: aside, env: process.env };
    await succeed('npm', ['pack', '--silent', `${name}@${version}`], where);
    await unpack(aside, folder);
  },
  PyPI: async ({ package: name, version }, aside, folder) => {
    const argv = ['download', '--quiet', '--no-deps', '--no-binary', ':all:', `${name}==${version}`];
    await succeed('python3', ['-m', 'pip', ...argv], { cwd: aside, env: process.env });
    await unpack(aside, folder);
  },
  Go: async ({ package: name, version }, aside, folder) => {
    const { stdout } = await succeed('go', ['mod', 'download', '-json', `${name}@${version}`], {
      cwd: aside,
      env: process.env,
    });
    cpSync(Module.parse(JSON.parse(stdout)).Dir, folder, { recursive: true });
  },
};

/** The one archive in `aside` holds one folder. */
async function unpack(aside: string, folder: string): Promise<void> {
  const [archive] = readdirSync(aside);
  if (archive === undefined) throw new Error(`nothing was fetched into ${aside}`);
  await succeed('tar', ['-xzf', archive, '--no-same-owner'], { cwd: aside, env: process.env });
  const [top] = readdirSync(aside).filter((name) => name !== archive);
  if (top === undefined) throw new Error(`${archive} holds nothing`);
  renameSync(join(aside, top), folder);
}
