import { ended, type RunDetail } from '@towpath/contract';
import { detect } from '@towpath/server/detect';
import { viewFolder } from '@towpath/server/file-view';
import type { Repository } from '../repository.ts';
import type { World } from '../world.ts';
import type { RealService } from './list.ts';

export type Found = ReturnType<typeof detect>;

/** One push: null reason when it is served in staging. */
export interface Attempt {
  readonly outcome: string;
  readonly served: boolean;
}

export interface Result {
  readonly service: RealService;
  readonly found: Found;
  readonly attempts: readonly Attempt[];
}

/** Makes the service with no word, pushes; once more with what its owner would tell, where that was not enough. */
export async function tryService(
  world: World,
  repository: Repository,
  service: RealService,
  name: string,
): Promise<Result> {
  const found = detect(viewFolder(repository.folder));
  await answered(world, repository, 'init', '--yes', '--name', name, '--stage-timeout', '300');
  const attempts = [await push(world, repository, name)];
  const [first] = attempts;
  if (first?.served === false && service.told !== undefined) {
    await answered(world, repository, 'service', 'set', name, ...service.told);
    await repository.commit('Once more');
    attempts.push(await push(world, repository, name));
  }
  return { service, found, attempts };
}

async function answered(world: World, repository: Repository, ...words: string[]): Promise<void> {
  const { code, stderr } = await world.cliIn(repository.folder, ...words);
  if (code !== 0) throw new Error(`towpath ${words.join(' ')} ended with ${code}:\n${stderr}`);
}

async function push(world: World, repository: Repository, name: string): Promise<Attempt> {
  const { run, said } = await repository.push();
  if (run === null) return { outcome: `refused: ${said.trim().split('\n').at(-1) ?? ''}`, served: false };
  const detail = await world.client.call('getRun', { params: { run } });
  if (ended.has(detail.status)) return { outcome: await failure(world, detail), served: false };
  const { status } = await world.ask(`${name}-staging.localhost`);
  return { outcome: `served: GET / answered ${status}`, served: status < 500 };
}

/** The stage, its reason, and the line of its log that says most. */
async function failure(world: World, run: RunDetail): Promise<string> {
  const stage = run.stages.find((each) => each.status === 'failed');
  const log =
    stage === undefined ? '' : (await world.cli('logs', String(run.run), stage.name.replace(' ', '/'))).stdout;
  const lines = log.split('\n').filter((line) => /\S/.test(line) && !aboutItself.test(line));
  const telling = lines.findLast((line) => problem.test(line)) ?? lines.at(-1) ?? '';
  const text = telling.trim().replaceAll(world.folder, '').slice(0, 160);
  return `${run.reason ?? run.status}${text === '' ? '' : `: ${text}`}`;
}

const problem = /error|not found|cannot|no such|missing|does not exist/i;
/** What npm says of its own end. */
const aboutItself = /^npm error( *$| (code|path|command|For a full report|A complete log|\/))/;
