import { TowpathError } from '@towpath/contract';
import type { Command } from 'commander';
import { browserOf, launch } from '../browser.ts';
import { copyable } from '../output.ts';
import { meantService } from '../repository.ts';
import { examples, talks } from '../verb.ts';

export function configure(command: Command): void {
  command
    .argument('[service]')
    .description('Prints the address of a service, and opens it in a browser where there is a desktop.')
    .option('-e, --env <name>', 'where', 'production')
    .option('--print', 'open nothing');
  examples(command, 'towpath open api', 'towpath open -e staging --print');
  talks<{ env: string; print?: boolean }>(command, async ({ client, output }, options, named) => {
    const service = await client.call('getService', { params: { service: meantService(named) } });
    const target = service.environments.find((each) => each.environment === options.env);
    if (target === undefined) {
      const names = service.environments.map((each) => each.environment).join(', ');
      throw new TowpathError(
        'unknown_environment',
        `${service.name} has no environment "${options.env}"; it has ${names}`,
      );
    }
    const { url, environment } = target;
    output.line(copyable(url));
    if (target.release === null) output.warn(`nothing is live in ${environment} yet: towpath deploy ${service.name}`);
    const program = options.print === true || output.json ? null : browserOf(process.platform, process.env);
    if (program !== null && target.release !== null) launch(program, url);
    return { service: service.name, environment, url };
  });
}
