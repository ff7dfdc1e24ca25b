import { type LogRetention, planDays } from '../domain/logs/retention.ts';
import type { Db } from './connect.ts';
import { sql } from './drizzle.ts';
import { addDay, daysOf, dropDay } from './log-days.ts';

/** Logs that are looked at by one statement, so that none takes long. */
const batch = 100;

/** Statuses of what failed: its logs are kept whole. */
const failed = sql`('failed', 'rolled_back')`;

/**
 * Makes the partitions of the days to come, and drops those whose time is over, as wholes; what outlives them is moved aside before. Answers
 * with the number of days dropped. Any number of servers may do so at a time.
 */
export async function tendLogs(
  db: Db,
  now: Date,
  { tailBytes, ...retention }: LogRetention & { readonly tailBytes: number },
): Promise<number> {
  const plan = planDays(now, await daysOf(db, 'log_chunks'), await daysOf(db, 'kept_log_chunks'), retention);
  for (const day of plan.add) await addDay(db, 'log_chunks', day);
  for (const day of plan.drop) {
    await dropDay(db, 'log_chunks', day, async (tx, partition) => {
      await addDay(tx, 'kept_log_chunks', day);
      await keep(tx, partition, tailBytes);
    });
  }
  for (const day of plan.dropKept) await dropDay(db, 'kept_log_chunks', day, async () => {});
  return plan.drop.length + plan.dropKept.length;
}

/** Copies what outlives a day: all of what failed or has not ended, of the rest the ends. */
async function keep(tx: Db, partition: string, tailBytes: number): Promise<void> {
  const chunks = sql.raw(`"${partition}"`);
  const { rows } = await tx.execute<{ id: string }>(sql`select distinct log_id as id from ${chunks} order by 1`);
  for (let at = 0; at < rows.length; at += batch) {
    const ids = rows.slice(at, at + batch).map(({ id }) => sql`${id}::bigint`);
    await tx.execute(sql`
      insert into kept_log_chunks (log_id, "offset", day, bytes, lines, at, data)
      select c.log_id, c."offset", c.day, c.bytes, c.lines, c.at, c.data
      from ${chunks} as c join logs on logs.id = c.log_id
      left join attempts on attempts.key = logs.key
      left join jobs on 'job/' || jobs.id = logs.key
      left join deployments on 'deployment/' || deployments.id = logs.key
      where c.log_id in (${sql.join(ids, sql`, `)}) and (
        c."offset" + c.bytes > logs.size - ${tailBytes}
        or coalesce(attempts.status, jobs.status, deployments.status) in ${failed}
        or (logs.target_id is null and coalesce(attempts.ended_at, jobs.ended_at, deployments.ended_at) is null)
      )
      on conflict do nothing`);
  }
}
