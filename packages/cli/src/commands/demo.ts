import { join, resolve } from 'node:path';
import type { DeploymentView } from '@towpath/contract';
import type { Command } from 'commander';
import { z } from 'zod';
import { removeEarlier } from '../demo/earlier.ts';
import { Stage } from '../demo/stage.ts';
import { type Told, tellStory } from '../demo/story.ts';
import { copyable, createOutput, duration, type Output } from '../output.ts';
import { defaultDataFolder } from '../system/layout.ts';

interface Options {
  readonly data?: string;
  readonly json?: boolean;
  readonly exit?: boolean;
}

/** What the demo needs of the answer of `towpath up --json`. */
const Up = z.object({ url: z.string(), routerUrl: z.string(), token: z.string(), domain: z.string() });

export function configure(command: Command): void {
  command
    .option('--data <folder>', 'where the demo lives (default: a folder of its own); an earlier demo there is removed')
    .option('--exit', 'stop everything at the end; otherwise it is left running to look around in')
    .option('--json', 'end with one JSON document')
    .action(async (options: Options) => {
      const output = createOutput(options.json === true);
      const began = performance.now();
      const user = { uid: process.getuid?.() ?? 0, root: process.getuid?.() === 0 };
      const data = resolve(options.data ?? `${defaultDataFolder(user, {})}-demo`);
      const stage = new Stage(join(data, 'demo'), output);
      const down = () => stage.towpath('.', 'down', '--data', data);
      if (await removeEarlier({ data, own: options.data === undefined, down })) {
        output.line('The demo of before is removed: this one begins from nothing');
      }
      stage.scene('Towpath itself: PostgreSQL, a server, a router and a supervisor, from nothing');
      const up = Up.parse(
        await stage.towpath('.', 'up', '--data', data, '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0'),
      );
      try {
        stage.begin();
        const told = await tellStory(stage, up, output);
        const answer = summarise(told, up, performance.now() - began);
        render(output, told, answer.seconds);
        output.result(answer);
        if (!answer.ok) process.exitCode = 1;
      } finally {
        if (options.exit === true) await down();
        else {
          output.line();
          output.line(`Left running: ${copyable(up.url)}. Stop it: ${copyable(`towpath down --data ${data}`)}`);
        }
      }
    });
}

function summarise(told: Told, up: z.infer<typeof Up>, ms: number) {
  const ended = (status: string) => told.runs.filter((run) => run.status === status).length;
  const live = new Map<string, DeploymentView>();
  for (const each of told.deployments) {
    if (each.status === 'succeeded') live.set(`${each.service}/${each.environment}`, each);
  }
  return {
    ok: told.unexpected.length === 0,
    seconds: Math.round(ms / 100) / 10,
    dashboard: up.url,
    services: [...live.values()].map(({ service, environment, url, version, artifact }) => ({
      name: service,
      environment,
      url,
      release: `v${version}`,
      artifact,
    })),
    runs: { succeeded: ended('succeeded'), failed: ended('failed') },
    requests: { total: told.load.total, failed: told.load.failed },
    rollouts: told.deployments.map(({ service, environment, strategy, status, maxWeight, reason }) => ({
      service,
      environment,
      strategy,
      outcome: status,
      automatic: status === 'failed' || status === 'rolled_back',
      maxWeight,
      reason,
    })),
  };
}

function render(output: Output, told: Told, seconds: number): void {
  output.line();
  for (const each of told.deployments) {
    const what = `${each.service} ${each.environment} v${each.version}`.padEnd(24);
    output.line(`  ${what} ${each.status.padEnd(12)} ${each.reason ?? ''}`);
  }
  output.line();
  output.line(
    `  ${told.load.total} requests to production, ${told.load.failed} failed, in all ${duration(seconds * 1_000)}`,
  );
  for (const failure of told.load.failures) output.warn(failure);
}
