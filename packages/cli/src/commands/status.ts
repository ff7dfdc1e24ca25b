import type { ServiceDetail, StatusBoard } from '@towpath/contract';
import type { Command } from 'commander';
import { copyable } from '../output.ts';
import { renderRuns } from '../render/run.ts';
import { renderService } from '../render/service.ts';
import { misused, type Talk, talks } from '../verb.ts';
import { changesOf } from '../wait.ts';

export function configure(command: Command): void {
  command.argument('[service]').option('-f, --follow', 'show it again whenever something changes, until Ctrl-C');
  talks<{ follow?: boolean }>(command, async (talk, options, named) => {
    const show = () => (named === undefined ? showBoard(talk) : showService(talk, named));
    if (options.follow !== true) return show();
    if (talk.output.json) throw misused('--follow shows, and --json gives one document: one of them');
    for await (const _ of changesOf(talk.client)) {
      talk.output.again();
      await show();
    }
  });
}

async function showService({ client, output }: Talk, service: string): Promise<ServiceDetail> {
  const view = await client.call('getService', { params: { service } });
  renderService(output, view);
  return view;
}

async function showBoard({ client, output }: Talk): Promise<StatusBoard> {
  const { next, ...board } = await client.call('status');
  for (let after = next; after !== null; ) {
    const page = await client.call('status', { query: { after } });
    board.services.push(...page.services);
    after = page.next;
  }
  for (const problem of board.system.problems) output.warn(problem);
  if (board.services.length === 0) output.line(`No service yet. In a repository: ${copyable('towpath init')}`);
  for (const service of board.services) renderService(output, service);
  if (board.waiting.length > 0) output.line();
  renderRuns(output, board.waiting);
  return board;
}
