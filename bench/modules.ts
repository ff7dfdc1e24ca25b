import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { type Bench, type Scope, Unable } from './bench.ts';
import { prepareMs, secondTime } from './prepare.ts';
import { serve } from './serve.ts';

const rounds = 3;
const modules = 60;
const filesEach = 80;
const fileBytes = 6_000;
const version = 'v1.0.0';

/**
 * `go mod download` of a branch that was never seen, and of its next commit: the whole prepare stage, with the modules on this machine.
 * It shows that the download caches of a branch outlive its runs, and that no branch begins with those of another.
 */
export const goModules: Bench = {
  summary: `Go modules of a new branch, then of its next commit, ${rounds} times`,
  limitMs: 300_000,
  async run(scope) {
    if (spawnSync('go', ['version']).status !== 0) throw new Unable('needs Go');
    const proxy = await moduleProxy(scope);
    const world = scope.world();
    await world.up();
    const settings = `install: go mod download\nenv:\n  GOPROXY: ${proxy}\n  GOSUMDB: "off"\n  GOFLAGS: -mod=mod\n  GOTOOLCHAIN: local\n`;
    const app = await world.service('app', { 'go.mod': manifest(), 'towpath.yaml': settings }, '--start', './app');
    const first: number[] = [];
    const again: number[] = [];
    for (let round = 1; round <= rounds; round++) {
      for (const times of [first, again]) {
        await app.commit(`${round}`, { 'doc.go': `package app // ${round} ${times === first}\n` });
        const { run } = await app.push(`main:checks-${round}`);
        if (run === null) throw new Error('the push began no run');
        times.push(prepareMs(await world.waitFor(run)));
      }
    }
    return [secondTime('go modules', `${modules} modules`, first, again)];
  },
};

const nameOf = (number: number): string => `bench.example/m${number}`;

function manifest(): string {
  const required = Array.from({ length: modules }, (_, number) => `\t${nameOf(number)} ${version}\n`);
  return `module app\n\ngo 1.20\n\nrequire (\n${required.join('')})\n`;
}

/** Modules of text that does not repeat; see https://go.dev/ref/mod#goproxy-protocol. Its address. */
function moduleProxy(scope: Scope): Promise<string> {
  const bodies = new Map<string, Buffer | string>();
  for (let number = 0; number < modules; number++) {
    const name = nameOf(number);
    const base = `/${name}/@v/${version}`;
    const mod = `module ${name}\n`;
    const sources = Array.from({ length: filesEach }, (_, file): [string, string] => [
      `${name}@${version}/f${file}.go`,
      `package m${number}\n\n// ${words(`${number}/${file}`)}\n`,
    ]);
    bodies.set(`${base}.info`, JSON.stringify({ Version: version }));
    bodies.set(`${base}.mod`, mod);
    bodies.set(`${base}.zip`, zip([[`${name}@${version}/go.mod`, mod], ...sources]));
  }
  return serve(scope, bodies);
}

function words(seed: string): string {
  let text = '';
  for (let turn = 0; text.length < fileBytes; turn++) {
    text += createHash('sha512').update(`${seed}/${turn}`).digest('base64');
  }
  return text;
}

/** Files in the form of zip, not compressed: https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT, 4.3. */
function zip(files: readonly (readonly [name: string, text: string])[]): Buffer {
  const local: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of files) {
    const [path, body] = [Buffer.from(name), Buffer.from(text)];
    // Version, flags, method, time, date; 1 January 1980 is day 0x21.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(body), 10);
    common.writeUInt32LE(body.length, 14);
    common.writeUInt32LE(body.length, 18);
    common.writeUInt16LE(path.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    const entry = [Buffer.from('PK\x03\x04', 'latin1'), common, path, body];
    local.push(...entry);
    central.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), common, tail, path);
    offset += entry.reduce((sum, each) => sum + each.length, 0);
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(files.length, 8);
  end.writeUInt16LE(files.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...local, directory, end]);
}
