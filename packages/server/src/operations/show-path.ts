import { type PathView, settingDefaults } from '@towpath/contract';
import { viewFolder } from '../artifacts/file-view.ts';
import { readCommit } from '../domain/detect/commit.ts';
import { refusals } from '../domain/path/given.ts';
import { resolveKept } from '../domain/path/kept.ts';
import { differing, outline } from '../domain/path/outline.ts';
import { planPath } from '../domain/path/plan.ts';
import { type Choice, inWords, shown } from '../domain/runtime/choose.ts';
import { nothingToStart, startsNothing } from '../runs/settings.ts';
import { choicesFor } from '../runs/toolchains.ts';
import { environmentsOf } from '../store/environments.ts';
import { findService, repositoryOf } from '../store/services.ts';
import { operation } from './operation.ts';
import { describe, layersFor, planned, unknownCommit, whatToRun } from './start-run.ts';

export interface PathQuery {
  readonly service: string;
  readonly branch?: string | undefined;
  readonly environment?: string | undefined;
}

/**
 * The way that the newest commit of a branch would go now: to the environments of the branch, or to the one that is named. Throws
 * `unreadable_settings` with the mistakes of its towpath.yaml.
 */
export const showPath = operation('read', async (house, _actor, input: PathQuery): Promise<PathView> => {
  const service = await findService(house.db, input.service);
  const { branch, commit } = await whatToRun(house, service, input);
  const described = await describe(house, service, commit);
  if (described === null) throw unknownCommit(service, commit);
  const given = await layersFor(house.db, service, described);
  const environments = await environmentsOf(house.db, service.projectId);
  const names = environments.map((each) => each.name);
  const folder = service.settings.folder ?? settingDefaults.folder;
  const found = await house.parts.lend(async (place) => {
    await house.source.checkout(repositoryOf(service), commit, `${place}/files`);
    return readCommit(viewFolder(`${place}/files`), folder, given, names);
  });
  const { layers, kind, notices, question } = found;
  const resolved = (environment?: string) => resolveKept(layers, environment);
  const way = await planned(house.db, { service, branch, environment: input.environment }, layers);
  const stages = planPath(way);
  const { settings, origins } = resolved(input.environment);
  const entered = input.environment === undefined ? way.map((each) => each.name) : [];
  return {
    project: service.project,
    service: service.name,
    branch,
    commit,
    message: described.message,
    author: described.author,
    kind,
    stages: outline(stages, service.name, resolved),
    settings: [...origins],
    differs: entered.flatMap((environment) => {
      const own = differing(origins, resolved(environment).origins);
      return own.length === 0 ? [] : [{ environment, settings: own }];
    }),
    notices: [...notices],
    refused: refusals(environments, layers),
    toolchains: (await choicesFor(house.toolchains, layers, service.name)).map(toolchainView),
    question: startsNothing(settings) ? nothingToStart(service.name, question ?? undefined) : null,
  };
});

/** What a wish comes to, as people see it before there is a run. */
function toolchainView({ wish, found, remark }: Choice): PathView['toolchains'][number] {
  const { name, wanted, origin } = wish;
  return {
    name,
    wanted: wanted === null ? null : shown(wanted),
    origin,
    uses: found === null ? null : inWords(found),
    remark,
  };
}
