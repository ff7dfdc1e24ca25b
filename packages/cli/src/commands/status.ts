import type { Command } from 'commander';
import { copyable } from '../output.ts';
import { renderRuns } from '../render/run.ts';
import { renderService } from '../render/service.ts';
import { talks } from '../verb.ts';

export function configure(command: Command): void {
  command.argument('[service]');
  talks(command, async ({ client, output }, _options, named) => {
    if (named !== undefined) {
      const service = await client.call('getService', { params: { service: named } });
      renderService(output, service);
      return service;
    }
    const board = await client.call('status');
    for (const problem of board.system.problems) output.warn(problem);
    if (board.services.length === 0) output.line(`No service yet. In a repository: ${copyable('towpath init')}`);
    for (const service of board.services) renderService(output, service);
    if (board.waiting.length > 0) output.line();
    renderRuns(output, board.waiting);
    return board;
  });
}
