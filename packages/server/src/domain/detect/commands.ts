import { type ResolvedCommands, type ServiceSettings, type Start, withGiven } from '../path/settings.ts';
import { detect } from './detect.ts';
import type { FileView } from './files.ts';
import { type Detected, type Found, listed } from './found.ts';

/** The commands of one commit: what the settings give wins over what detection finds in the repository. Throws as `detect` does. */
export function findCommands(repository: FileView, settings: ServiceSettings): ResolvedCommands {
  return withGiven(commandsOf(detect(repository, settings.folder)), settings);
}

/** What is found as the stages take it: the checks of quality are one command. */
function commandsOf(found: Detected): ResolvedCommands {
  const { quality } = found;
  return {
    install: resolved(found.install),
    quality:
      quality.length === 0
        ? null
        : {
            command: quality.map((each) => each.command).join(' && '),
            origin: listed([...new Set(quality.map((each) => each.origin))]),
          },
    unit: resolved(found.test),
    build: resolved(found.build),
    start: found.start === null ? null : withPath(found.start, found.path),
  };
}

function resolved(found: Found | null): ResolvedCommands['install'] {
  return found === null ? null : { command: found.value, origin: found.origin };
}

/** Programs that a Procfile names are those of the dependencies; what detection found itself says where they are. */
function withPath(start: Start, path: readonly string[]): Start {
  if (start.kind === 'static' || path.length === 0 || !start.origin.startsWith('Procfile')) return start;
  const folders = path.map((folder) => `$PWD/${folder}:`).join('');
  return { ...start, command: `export PATH="${folders}$PATH"; ${start.command}` };
}
