import type { ServiceDetail } from '@towpath/contract';
import type { Action } from '../actions/action.ts';
import { deploy, targetActions } from '../actions/target-actions.ts';
import { paths } from '../words/path.ts';
import { places } from './keyboard.ts';

/** Something to go to, or to do. */
export interface Found {
  readonly key: string;
  readonly title: string;
  readonly about: string;
  readonly path: string;
  readonly action?: Action;
}

const most = 12;

/** What fits the words, rooms first; all of a few letters have to be found somewhere in it. */
export function find(text: string, services: readonly ServiceDetail[]): Found[] {
  const words = text.trim().toLowerCase().split(/\s+/).filter(Boolean);
  const run = /^#?(\d{1,9})$/.exec(text.trim())?.[1];
  const fits = ({ title, about }: Found): boolean => {
    const all = `${title} ${about}`.toLowerCase();
    return words.every((word) => all.includes(word));
  };
  const found: Found[] =
    run === undefined ? [] : [{ key: 'run', title: `#${run}`, about: 'run', path: paths.run(Number(run)) }];
  for (const each of everything(services, words.length > 0)) {
    if (found.length >= most) break;
    if (fits(each)) found.push(each);
  }
  return found;
}

function* everything(services: readonly ServiceDetail[], withActions: boolean): Generator<Found> {
  for (const [key, [path, word]] of Object.entries(places))
    yield { key: `g ${key}`, title: word, about: `g ${key}`, path };
  for (const { project, name } of services) {
    yield { key: `${project}/${name}`, title: name, about: project, path: paths.service(project, name) };
  }
  if (!withActions) return;
  for (const service of services) {
    const { project, name, environments } = service;
    const path = paths.service(project, name);
    const deployIt = deploy(service);
    yield {
      key: `deploy ${project}/${name}`,
      title: `${deployIt.label} of ${name}`,
      about: project,
      path,
      action: deployIt,
    };
    for (const [index, target] of environments.entries()) {
      const logs = { title: `Logs of ${target.environment}`, path: paths.logs(project, name, target.environment) };
      yield { key: `logs ${project}/${name} ${target.environment}`, about: name, ...logs };
      for (const action of targetActions(service, target, environments[index + 1]?.environment ?? null)) {
        const about = `${name} ${target.environment}`;
        yield { key: `${action.label} ${project}/${about}`, title: action.label, about, path, action };
      }
    }
  }
}
