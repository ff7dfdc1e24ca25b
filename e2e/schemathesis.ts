/**
 * Runs Schemathesis, a fuzzer of other people's making, against an installation of its own: no answer may be a defect of the server, or one
 * that the description does not know. Into node_modules/.cache goes a virtual environment of Python with the version below.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { staticSite } from './templates.ts';
import { World } from './world.ts';

const version = '4.32.5';
const place = join(import.meta.dirname, '../node_modules/.cache', `schemathesis-${version}`);
const program = join(place, 'bin/schemathesis');
const checks = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_headers_conformance',
  'response_schema_conformance',
];

/** Names of what is there, so that not every answer is that it isn't; no command that is drawn by lot is run anywhere. */
const settings = `
[parameters]
"path.service" = "site"
"path.environment" = "production"
"path.project" = "main"
"path.run" = 1
"path.deployment" = 1
"query.follow" = false

[[operations]]
include-operation-id = ["exec", "runJob"]
parameters = { "path.service" = "nobody" }

[[operations]]
# They answer when something happens, or never.
include-path-regex = "(/stream|/wait)$"
enabled = false
`;

export interface Verdict {
  readonly code: number | null;
  readonly said: string;
}

/** What it says, in the end. @param examples of each kind, for each operation */
export async function schemathesis(examples: number): Promise<Verdict> {
  install();
  const world = World.create();
  try {
    await world.up();
    const site = await world.service('site', staticSite());
    const { run } = await site.push();
    if (run === null) throw new Error('the push began no run');
    await world.waitFor(run);
    const file = join(world.folder, 'schemathesis.toml');
    writeFileSync(file, settings);
    const { url, token } = world.is;
    const child = spawn(
      program,
      [
        ...['--config-file', file, 'run', new URL('/api/openapi.json', url).href],
        ...['--header', `authorization: Bearer ${token}`],
        ...['--checks', checks.join(','), '--max-examples', String(examples), '--seed', '1'],
        ...['--request-timeout', '20', '--workers', '2', '--no-color'],
      ],
      { cwd: world.folder, stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const [said, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
    return { code: typeof code === 'number' ? code : null, said };
  } finally {
    await world.end();
  }
}

function install(): void {
  if (existsSync(program)) return;
  mkdirSync(place, { recursive: true });
  for (const [command, ...argv] of [
    ['python3', '-m', 'venv', place],
    [join(place, 'bin/pip'), 'install', '--quiet', '--disable-pip-version-check', `schemathesis==${version}`],
  ] as const) {
    const { status, stderr } = spawnSync(command, argv, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`${command} ${argv.join(' ')} failed: ${stderr}`);
  }
}
