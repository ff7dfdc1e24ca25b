import type { EnvironmentView } from '@towpath/contract';
import type { Command } from 'commander';
import { confirmed } from '../ask.ts';
import { admissionFrom, durationFrom, patchFrom } from '../environment-words.ts';
import { copyable } from '../output.ts';
import { renderEnvironments } from '../render/environment.ts';
import { meantProject } from '../repository.ts';
import { examples, type Talk, talks } from '../verb.ts';
import { watchDeployment } from '../wait.ts';

interface InProject {
  readonly project?: string;
}
interface AddOptions extends InProject {
  readonly branch?: string;
  readonly deploy?: string;
  readonly after?: string;
  readonly approvalTimeout?: string;
}
interface RemoveOptions extends InProject {
  readonly teardown?: boolean;
  readonly yes?: boolean;
  readonly detach?: boolean;
}

const inProject = (command: Command): Command =>
  command.option('--project <name>', "the project (default: that of this folder's service, else main)");

export function configure(command: Command): void {
  command.description('Lists the environments of a project, in the order in which a run enters them.');
  inProject(command);
  examples(command, 'towpath env', 'towpath env --project shop --json');
  talks<InProject>(command, async ({ client, output }, options) => {
    const params = { project: meantProject(options.project) };
    const answer = await client.call('listEnvironments', { params });
    if (answer.environments.length === 0) output.line(`No environment: ${copyable('towpath env add <name>')}`);
    renderEnvironments(output, answer.environments);
    return answer;
  });
  add(command.command('add'));
  set(command.command('set'));
  remove(command.command('remove'));
}

function add(command: Command): void {
  command
    .argument('<name>')
    .description('Adds an environment: every service of the project gets an address there.')
    .option('--branch <name>', "what is pushed to this branch goes there (default: each service's main branch)")
    .option('--deploy <how>', 'auto, approve or manual', 'auto')
    .option('--after <environment>', 'behind this one; "" for the first place (default: the last one)')
    .option('--approval-timeout <time>', 'how long an approval is waited for, as 12h or 7d');
  inProject(command);
  examples(
    command,
    'towpath env add qa --branch develop',
    'towpath env add demo --deploy manual --after staging',
    'towpath env add preprod --deploy approve --approval-timeout 2d',
  );
  talks<AddOptions & { deploy: string }>(command, async (talk, options, name) => {
    const { branch, after, approvalTimeout: time } = options;
    const params = { project: meantProject(options.project) };
    const body = {
      name: name ?? '',
      branch: branch ?? null,
      deploy: admissionFrom(options.deploy, '--deploy'),
      ...(after === undefined ? {} : { after: after === '' ? null : after }),
      ...(time === undefined ? {} : { approvalMs: durationFrom(time, '--approval-timeout') }),
    };
    const added = await talk.client.call('addEnvironment', { params, body });
    return show(talk, added, `${added.name} is added`);
  });
}

function set(command: Command): void {
  command
    .argument('<name>')
    .argument('<setting=value...>')
    .description(
      'Changes branch, deploy (auto, approve, manual), approval-timeout, or after (its place). Holds from the next run on.',
    );
  inProject(command);
  examples(
    command,
    'towpath env set production deploy=auto',
    'towpath env set production deploy=approve branch=main approval-timeout=7d',
    'towpath env set qa branch= after=staging      the main branch of each service again; behind staging',
  );
  talks<InProject>(command, async (talk, options, name) => {
    const params = { project: meantProject(options.project), environment: name ?? '' };
    const body = patchFrom(command.args.slice(1));
    const changed = await talk.client.call('setEnvironment', { params, body });
    return show(talk, changed, `${changed.name} is changed, from the next run on`);
  });
}

function remove(command: Command): void {
  command
    .argument('<name>')
    .description('Removes an environment with its config and secrets; the record of its releases stays.')
    .option('--teardown', 'also what is live there')
    .option('-y, --yes', "don't ask")
    .option('--detach', "don't wait for the end of the teardowns");
  inProject(command);
  examples(command, 'towpath env remove qa', 'towpath env remove qa --teardown --yes');
  talks<RemoveOptions>(command, async (talk, options, name) => {
    const { client, output } = talk;
    const params = { project: meantProject(options.project), environment: name ?? '' };
    const plan = await client.call('planRemoval', { params });
    const teardown = options.teardown === true;
    // What will be refused anyway is not asked about.
    const confirm = plan.live && !teardown ? undefined : await confirmed(output, plan, options.yes === true);
    const body = { confirm, teardown };
    const { teardowns } = await client.call('removeEnvironment', { params, body });
    const ended = [];
    for (const each of teardowns) ended.push(await watchDeployment(talk, each, options.detach === true));
    const left = await leftOf(talk, params);
    if (left === null) output.done(`${plan.confirm} is removed`);
    else if (process.exitCode === 1)
      output.warn(`${plan.confirm} is not gone yet: towpath env remove ${plan.confirm} --teardown`);
    else output.line(`${plan.confirm} closes: nothing is deployed there any more; it is gone with what is live there`);
    return { removed: left === null, teardowns: ended };
  });
}

/** The environment, while there is still something in it. */
async function leftOf({ client }: Talk, params: { project: string; environment: string }): Promise<object | null> {
  const { environments } = await client.call('listEnvironments', { params });
  return environments.find((each) => each.name === params.environment) ?? null;
}

function show({ output }: Talk, environment: EnvironmentView, done: string): EnvironmentView {
  output.done(done);
  renderEnvironments(output, [environment]);
  return environment;
}
