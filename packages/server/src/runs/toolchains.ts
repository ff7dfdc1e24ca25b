import { TowpathError } from '@towpath/contract';
import { type KeptLayer, keptOf, resolveKept, withLayer } from '../domain/path/kept.ts';
import { type Choice, choose } from '../domain/runtime/choose.ts';
import { commandsOf } from '../domain/runtime/commands.ts';
import type { Toolchain } from '../domain/runtime/toolchain.ts';
import { type Wish, wishesOf } from '../domain/runtime/wishes.ts';
import { patiently } from '../engine/patience.ts';
import { requireToolchains, type Toolchains } from '../executors/toolchains.ts';
import type { Attempt } from './act.ts';
import { programsOf } from './settings.ts';

/** What comes of each wish of a service on this machine. Languages first: what they bring counts for the tools that come after. */
export async function choicesFor(
  machine: Toolchains,
  layers: readonly KeptLayer[],
  service: string,
): Promise<Choice[]> {
  const { settings, origins } = resolveKept(layers);
  const tools = keptOf(layers, 'detected')?.tools ?? [];
  const choices: Choice[] = [];
  for (const wish of wishesOf({ runtime: settings.runtime, origins }, tools, commandsOf(settings))) {
    const before = choices.flatMap(({ found, changes }) => (found !== null && changes ? [found.bin] : []));
    if (await isContent(machine, wish, before)) continue;
    choices.push(choose(wish, await machine.find(wish.name, before), service));
  }
  return choices;
}

/** Where any version will do, nobody asks which one it is. */
async function isContent(machine: Toolchains, wish: Wish, before: readonly string[]): Promise<boolean> {
  return wish.wanted === null && (await machine.has(wish.name, before));
}

/**
 * The layers with the toolchains that are chosen for them, and what to tell of it, a line each. Throws `toolchain_missing`, with all that
 * is missing.
 */
export async function withToolchains(
  machine: Toolchains,
  layers: readonly KeptLayer[],
  service: string,
): Promise<{ layers: KeptLayer[]; lines: string[] }> {
  const choices = await choicesFor(machine, layers, service);
  const refusals = choices.flatMap(({ refusal }) => refusal ?? []);
  if (refusals.length > 0) throw new TowpathError('toolchain_missing', refusals.join('; '));
  const changed = choices.flatMap(({ found, changes }) => (found !== null && changes ? [found] : []));
  const toolchains = await Promise.all(changed.map((found) => machine.ready(found)));
  return { layers: keepToolchains(layers, toolchains), lines: choices.flatMap(({ line }) => line ?? []) };
}

/** The layers with these toolchains: those of an earlier look, whose command may be at work. */
export function keepToolchains(layers: readonly KeptLayer[], toolchains: readonly Toolchain[]): KeptLayer[] {
  const detected = keptOf(layers, 'detected');
  return detected === undefined ? [...layers] : withLayer(layers, { ...detected, toolchains });
}

/** Throws `toolchain_missing` when one that prepare chose is gone, unless the attempt's command was begun before: it goes its way. */
export async function requireChosen({ act, key }: Attempt): Promise<void> {
  const { toolchains } = await programsOf(act);
  const { house, run } = act;
  const otherwise = `let it choose anew: towpath rerun ${run.id} --from prepare`;
  try {
    await requireToolchains(house.toolchains, toolchains, `run #${run.id}`, otherwise);
  } catch (error) {
    if ((await patiently(() => house.executor.observe(key))) === null) throw error;
  }
}
