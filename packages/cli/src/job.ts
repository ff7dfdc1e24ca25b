import type { Client } from '@towpath/client';
import { durationMs, type JobView, TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { createOutput } from './output.ts';
import { LogForTerminal, printableAnswer } from './printable.ts';
import { openClient } from './session.ts';
import { misused } from './verb.ts';

interface Options {
  readonly env: string;
  readonly timeout?: string;
  readonly json?: boolean;
}

/** What was typed, before and behind `--`. */
export interface JobLine {
  readonly words: readonly string[];
  readonly behind: readonly string[];
  readonly environment: string;
  readonly timeoutMs: number | undefined;
}

/** As shells call what a signal and what `timeout` ended. */
const cancelledCode = 130;
const timeoutCode = 124;
/** How long a lost connection is made again, in ms. */
const patienceMs = 600_000;

export function limitOption(command: Command): void {
  command.option('--timeout <time>', 'end it after this time, as 90s or 2h (default: the time limit of a stage)');
}

/** Adds the action of a verb that runs a job: its output is the command's, its exit code the job's; Ctrl-C asks the job to end. */
export function runsJob(command: Command, ask: (client: Client, line: JobLine) => Promise<JobView>): void {
  command.option('--json', 'print one JSON document').action(async () => {
    const options = command.opts<Options>();
    const behind = behindDashes(command);
    const words = command.args.slice(0, command.args.length - behind.length);
    const client = await openClient();
    const job = await ask(client, { words, behind, environment: options.env, timeoutMs: limit(options.timeout) });
    const stopAsking = endOnInterrupt(client, job.job);
    try {
      const sink = options.json === true ? new Kept() : new Shown();
      const end = printableAnswer(await streamed(client, job.job, sink));
      createOutput(options.json === true).result({ ...end, text: sink.text() });
      const code = exitCodeOf(end);
      if (code !== 0) process.exitCode = code;
      if (end.exitCode === null) process.stderr.write(`job ${end.job} ${end.status}: ${end.reason ?? ''}\n`);
    } finally {
      stopAsking();
    }
  });
}

/** Commander takes the words behind `--` for arguments like the others. */
function behindDashes(command: Command): string[] {
  const root = command.parent;
  const raw: unknown = root !== null && 'rawArgs' in root ? root.rawArgs : [];
  const typed = Array.isArray(raw) ? raw.filter((word) => typeof word === 'string') : [];
  const at = typed.indexOf('--');
  return at < 0 ? [] : typed.slice(at + 1);
}

function limit(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const ms = durationMs(text);
  if (ms === null) throw misused(`--timeout must be a time, as 90s or 2h, not "${text}"`);
  return ms;
}

export function exitCodeOf({ status, exitCode, reason }: Pick<JobView, 'status' | 'exitCode' | 'reason'>): number {
  if (exitCode !== null) return exitCode;
  if (status === 'cancelled') return cancelledCode;
  return reason?.startsWith('ran longer than ') === true ? timeoutCode : 1;
}

/** The first Ctrl-C asks the job to end, and its output goes on until it has; the second leaves it to itself. */
function endOnInterrupt(client: Client, job: number): () => void {
  let asked = false;
  const interrupt = () => {
    if (asked) process.exit(cancelledCode);
    asked = true;
    process.stderr.write(`\njob ${job} is asked to end; Ctrl-C again leaves it running\n`);
    client.call('cancelJob', { params: { job } }).catch((error: unknown) => {
      const over = error instanceof TowpathError && error.code === 'already_ended';
      if (!over) process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    });
  };
  process.on('SIGINT', interrupt);
  return () => process.off('SIGINT', interrupt);
}

/** All that the job prints, also over the restart of a server, and then how it ended. */
async function streamed(client: Client, job: number, sink: Sink): Promise<JobView> {
  for await (const { data } of client.follow('streamJobLog', { params: { job }, patienceMs })) {
    if (data !== undefined) await sink.take(Buffer.from(data.text));
  }
  await sink.end();
  return client.call('getJob', { params: { job } });
}

interface Sink {
  take(piece: Uint8Array): Promise<void>;
  end(): Promise<void>;
  text(): string;
}

/** Kept for the JSON document. */
class Kept implements Sink {
  readonly #pieces: Uint8Array[] = [];

  async take(piece: Uint8Array): Promise<void> {
    this.#pieces.push(piece);
  }

  async end(): Promise<void> {}

  text(): string {
    return Buffer.concat(this.#pieces).toString('utf8');
  }
}

/** Into a file or pipe byte by byte; on a terminal without what could reach out of a line. */
class Shown implements Sink {
  readonly #terminal = process.stdout.isTTY ? new LogForTerminal() : null;

  take(piece: Uint8Array): Promise<void> {
    return this.#write(this.#terminal?.push(piece) ?? piece);
  }

  async end(): Promise<void> {
    if (this.#terminal !== null) await this.#write(this.#terminal.flush());
  }

  text(): string {
    return '';
  }

  #write(piece: Uint8Array | string): Promise<void> {
    return new Promise((resolve) => process.stdout.write(piece, () => resolve()));
  }
}
