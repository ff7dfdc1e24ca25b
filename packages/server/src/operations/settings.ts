import { type Settings, type SettingsPatch, TowpathError } from '@towpath/contract';
import { ServiceSettings } from '../domain/path/settings.ts';

/** The given settings over what was set before; null takes a value back to detection or default. */
export function mergeSettings(before: ServiceSettings | null, patch: SettingsPatch): ServiceSettings {
  const flat: SettingsPatch = { ...(before === null ? {} : shownSettings(before)), ...patch };
  const { healthPath, startMs, ...plain } = flat;
  const given = Object.fromEntries(Object.entries(plain).filter(([, value]) => value !== null && value !== undefined));
  const health = { ...(healthPath ? { path: healthPath } : {}), ...(startMs ? { startMs } : {}) };
  const parsed = ServiceSettings.safeParse({ ...given, health });
  if (parsed.success) return parsed.data;
  const [first] = parsed.error.issues;
  throw new TowpathError('bad_request', `settings.${fieldOf(first?.path ?? [])}: ${first?.message}`);
}

/** The field as people give it. */
function fieldOf([first, second]: readonly PropertyKey[]): string {
  if (first !== 'health') return String(first);
  return second === 'path' ? 'healthPath' : String(second);
}

/** As people give them. */
export function shownSettings(settings: ServiceSettings): Settings {
  const { health, ...rest } = settings;
  return { ...rest, healthPath: health.path, startMs: health.startMs };
}
