/**
 * Refuses a lockfile that `npm ci` would refuse, that is tied to one registry, or that lost the pinned Node: npm has
 * rewritten that to `npm:null`, and drops other platforms' packages which the registry at hand does not carry.
 */
import { globSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';

const Versions = z.record(z.string(), z.string()).default({});
const Manifest = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  dependencies: Versions,
  devDependencies: Versions,
  optionalDependencies: Versions,
});
const Lockfile = z.object({ packages: z.record(z.string(), Manifest) });

const read = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));
const { packages } = Lockfile.parse(read('package-lock.json'));
const refused: string[] = [];

for (const file of ['package.json', ...globSync('packages/*/package.json')]) {
  const manifest = Manifest.parse(read(file));
  const locked = packages[file === 'package.json' ? '' : dirname(file)];
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const) {
    if (!isDeepStrictEqual(manifest[kind], locked?.[kind])) {
      refused.push(`${file}: its ${kind} are not what package-lock.json has: npm install --package-lock-only`);
    }
    for (const [name, version] of Object.entries(manifest[kind])) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) refused.push(`${file}: ${name} is '${version}', not one version`);
    }
  }
}
for (const [path, { resolved, optionalDependencies }] of Object.entries(packages)) {
  if (resolved !== undefined && !resolved.startsWith('packages/')) {
    refused.push(`package-lock.json: ${path} is resolved from ${resolved}: install with the repository's .npmrc`);
  }
  for (const name of Object.keys(optionalDependencies)) {
    if (packages[`node_modules/${name}`] || packages[`${path}/node_modules/${name}`]) continue;
    refused.push(`package-lock.json: ${path} has the optional dependency ${name}, which is not locked`);
  }
}

for (const line of refused) console.error(line);
console.log(`${Object.keys(packages).length} packages, ${refused.length} refused`);
process.exitCode = refused.length > 0 ? 1 : 0;
