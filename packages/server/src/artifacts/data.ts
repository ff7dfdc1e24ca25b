import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The folder that an environment keeps for a service over all its releases: `<dataDir>/data/<service>/<environment>`, absolute. Makes it.
 * Nothing of Towpath ever removes one: what is in it is the user's.
 */
export async function keptFolder(dataDir: string, serviceId: number, environmentId: number): Promise<string> {
  const folder = join(dataDir, 'data', String(serviceId), String(environmentId));
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}
