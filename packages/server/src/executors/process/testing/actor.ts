/** `node actor.ts <folder> <script as JSON> [argument …]`: acts out a script of the conformance suites with real processes. */
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Script, Step } from '../../script.ts';

const [folder = '.', source = '[]', ...given] = process.argv.slice(2);
const script: Script = JSON.parse(source);

async function act(step: Step): Promise<void> {
  switch (step.do) {
    case 'print':
      return print(Buffer.from(step.text));
    case 'print-lines':
      return print(Buffer.from(Array.from({ length: step.count }, (_, at) => `line ${at}\n`).join('')));
    case 'print-bytes':
      return print(Buffer.from(step.base64, 'base64'));
    case 'report':
      return print(
        Buffer.from(`${JSON.stringify({ argv: given, env: process.env, cwd: process.cwd() }[step.what])}\n`),
      );
    case 'mark':
      return appendFileSync(join(folder, `mark-${step.name}`), `${process.pid}\n`);
    case 'await-gate':
      while (!existsSync(join(folder, `gate-${step.name}`))) await sleep(10);
      return;
    case 'on-term':
      process.on('SIGTERM', () => {
        if (step.answer === 'ignore') return;
        print(Buffer.from('told to stop\n'));
        process.exit(0);
      });
      return;
    case 'start-child': {
      const argv = [...process.execArgv, import.meta.filename, folder, JSON.stringify(step.script)];
      spawn(process.execPath, argv, { stdio: 'inherit', detached: step.detached }).unref();
      return;
    }
    case 'exit':
      return process.exit(step.code);
    case 'end-itself':
      process.kill(process.pid, step.signal);
      await sleep(60_000);
  }
}

function print(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}

for (const step of script) await act(step);
