import {
  knownKeys,
  type Mistake,
  mistakesOf,
  SettingsLayer,
  type SettingsPatch,
  schemaAt,
  TowpathError,
  unknownKey,
} from '@towpath/contract';
import { isTree } from './stored.ts';

/**
 * A layer with a change: null takes a value back to weaker layers, start and static take each other's place. Throws `bad_request` with
 * the first mistake, as `settings.health.path: …`.
 */
export function applyPatch(layer: SettingsLayer, patch: SettingsPatch): SettingsLayer {
  const { start, static: folder, ...rest } = layer;
  const served = { ...(patch.static ? {} : { start }), ...(patch.start ? {} : { static: folder }) };
  const unknown = unknownNulls(patch, []);
  const merged = SettingsLayer.safeParse(mergePatch({ ...rest, ...served }, patch));
  const [first] = [...unknown, ...(merged.success ? [] : mistakesOf(merged.error, SettingsLayer))];
  if (merged.success && first === undefined) return merged.data;
  throw new TowpathError('bad_request', `settings.${first?.path.join('.')}: ${first?.message}`);
}

/** RFC 7396. A map that has become empty goes with its last value. */
function mergePatch(target: unknown, patch: unknown): unknown {
  if (!isTree(patch)) return patch;
  const kept = isTree(target) ? target : {};
  const merged = Object.entries(patch).flatMap(([key, value]) => {
    if (value === null) return [];
    const below = mergePatch(Object.hasOwn(kept, key) ? kept[key] : undefined, value);
    return isTree(below) && Object.keys(below).length === 0 ? [] : [[key, below] as const];
  });
  const untouched = Object.entries(kept).filter(([key, value]) => value !== undefined && !Object.hasOwn(patch, key));
  return Object.fromEntries([...untouched, ...merged]);
}

/** Nothing would be changed, and nobody told, by taking back what is called otherwise. */
function unknownNulls(patch: unknown, path: readonly string[]): Mistake[] {
  if (!isTree(patch)) return [];
  return Object.entries(patch).flatMap(([key, value]) => {
    const here = [...path, key];
    if (value !== null) return unknownNulls(value, here);
    const around = schemaAt(SettingsLayer, path);
    return around === null || schemaAt(SettingsLayer, here) !== null ? [] : [unknownKey(here, knownKeys(around))];
  });
}
