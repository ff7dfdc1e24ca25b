import { SettingsLayer } from '@towpath/contract';
import type { KeptLayer } from './kept.ts';
import type { ResolvedCommands, ServiceSettings } from './settings.ts';
import { givenSettings } from './stored.ts';

/** The layers of a run that an earlier Towpath began: what it kept were settings without origins, and the commands of the commit. */
export function beforeLayers(settings: ServiceSettings, commands: ResolvedCommands | null): KeptLayer[] {
  const service: KeptLayer = { kind: 'service', values: givenSettings(settings) };
  return commands === null ? [service] : [foundBefore(commands), service];
}

function foundBefore({ install, quality, unit, build, start }: ResolvedCommands): KeptLayer {
  const found = Object.entries({ install, quality, test: unit, build, start }).flatMap(([name, one]) =>
    one === null ? [] : [{ name: 'folder' in one ? 'static' : name, ...one }],
  );
  const values = found.map((one) => [one.name, 'folder' in one ? one.folder : one.command]);
  return {
    kind: 'detected',
    values: SettingsLayer.parse(Object.fromEntries(values)),
    evidence: Object.fromEntries(found.map(({ name, origin }) => [name, origin])),
    path: [],
  };
}
