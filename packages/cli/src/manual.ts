import { entriesOf, type ManualEntry } from './manual-entries.ts';
import { buildProgram } from './program.ts';

export type { ManualEntry } from './manual-entries.ts';

/** Every command that people type, in the order of the help, each followed by its own commands. */
export const manual = async (): Promise<ManualEntry[]> => entriesOf(await buildProgram(() => true));
