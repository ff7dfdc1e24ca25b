import { TowpathError } from '@towpath/contract';
import { type Claim, StaleClaim } from '../domain/claim.ts';
import { type Db, transaction } from './connect.ts';
import { and, eq, sql } from './drizzle.ts';
import { jobs, runs, targets } from './schema.ts';

const guardedTables = { run: runs, target: targets, job: jobs } as const;
export type GuardedKind = keyof typeof guardedTables;

/**
 * Takes the run, target or job over: raises its epoch. Waits for a guarded write in progress to end; once this has returned,
 * no older claim can write any more. Throws unknown_run or not_found.
 */
export async function claim(db: Db, kind: GuardedKind, id: number): Promise<Claim> {
  const table = guardedTables[kind];
  const [row] = await db
    .update(table)
    .set({ epoch: sql`${table.epoch} + 1` })
    .where(eq(table.id, id))
    .returning({ epoch: table.epoch });
  if (row === undefined) throw new TowpathError(kind === 'run' ? 'unknown_run' : 'not_found', `no ${kind} ${id}`);
  return { scope: `${kind}/${id}`, epoch: row.epoch };
}

/**
 * Runs `write` in a transaction that holds the claim's row, so that the claim cannot become stale before it is committed.
 * Throws StaleClaim, having written nothing, when it is stale already. Guarded writes of one scope go one after another.
 */
export async function guarded<T>(db: Db, held: Claim, write: (tx: Db) => Promise<T>): Promise<T> {
  const { table, id } = parseScope(held.scope);
  return transaction(db, async (tx) => {
    // Not FOR SHARE: two writers that both went on to update this row would deadlock. Foreign keys to it stay usable.
    const rows = await tx
      .select({ id: table.id })
      .from(table)
      .where(and(eq(table.id, id), eq(table.epoch, held.epoch)))
      .for('no key update');
    if (rows.length === 0) throw new StaleClaim(held);
    return write(tx);
  });
}

/** The same within one statement: a query with the claim's row while it is not stale, else with none, that keeps it so until the commit. */
export function heldRow(held: Claim) {
  const { table, id } = parseScope(held.scope);
  return sql`select 1 from ${table} where ${table.id} = ${id} and ${table.epoch} = ${held.epoch} for share`;
}

function parseScope(scope: string): { table: (typeof guardedTables)[GuardedKind]; id: number } {
  const [, kind, id] = /^(run|target|job)\/(\d+)$/.exec(scope) ?? [];
  if (kind !== 'run' && kind !== 'target' && kind !== 'job')
    throw new TowpathError('internal', `no row guards the scope "${scope}"`);
  return { table: guardedTables[kind], id: Number(id) };
}
