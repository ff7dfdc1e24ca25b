import { TowpathError } from '@towpath/contract';

/** Of files: no space, no quota. Of PostgreSQL: class 53100. */
const codes = new Set(['ENOSPC', 'EDQUOT', '53100']);

/** The error as `disk_full` when that is what it comes from, else null. Looks through wrapped errors. */
export function asDiskFull(error: unknown): TowpathError | null {
  for (let depth = 0, at = error; at instanceof Error && depth < 8; depth++, at = at.cause) {
    if (at instanceof TowpathError) return at.code === 'disk_full' ? at : null;
    if (!('code' in at && typeof at.code === 'string' && codes.has(at.code))) continue;
    const whose = at.code === '53100' ? "the database's disk" : 'the disk';
    return new TowpathError('disk_full', `${whose} is full: ${at.message}`, {
      help: 'Free some space on the volume of the data folder.',
      cause: error,
    });
  }
  return null;
}
