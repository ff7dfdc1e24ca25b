import type { ServiceSettings } from '../path/settings.ts';
import type { Toolchain } from './toolchain.ts';
import { isRuntime, names, toolKind } from './tools.ts';

/** All command lines of a service, of its stages and of its releases. */
export function commandsOf(settings: ServiceSettings): string[] {
  const { install, quality, test, build, beforeDeploy } = settings;
  const checks = typeof quality === 'object' ? Object.values(quality) : [quality];
  return [...given([install, ...checks, test, build, beforeDeploy]), ...releaseCommands(settings)];
}

/** Those that its releases run. */
export function releaseCommands({ start, release, processes }: ServiceSettings): string[] {
  return given([start, release, ...Object.values(processes).map(({ command }) => command)]);
}

const given = (commands: readonly (string | false | undefined)[]): string[] =>
  commands.filter((each) => typeof each === 'string');

/**
 * The toolchains that a release needs when it runs: none where it has no commands, as pages have not. What a language compiles to runs by
 * itself, and package managers are only needed where a command names them.
 */
export function runsWith(toolchains: readonly Toolchain[], commands: readonly string[]): Toolchain[] {
  if (commands.length === 0) return [];
  const always = (name: string) => isRuntime(name) && toolKind(name)?.compiles !== true;
  return toolchains.filter(({ name }) => always(name) || names(commands, name));
}
