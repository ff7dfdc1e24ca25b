import type { Db } from '../store/connect.ts';
import { removeWhenEmpty } from '../store/environments.ts';
import { appendEvent } from '../store/events.ts';
import type { Act } from './act.ts';

/**
 * The last teardown of an environment that is being removed ends that, too. Call it in the write that ends the deployment: of two that end
 * at the same moment the later one finds the other's end.
 */
export async function closeBehind(tx: Db, { deployment, target }: Act): Promise<void> {
  if (deployment.cause !== 'teardown') return;
  const { id, name } = target.environment;
  if (!(await removeWhenEmpty(tx, id))) return;
  await appendEvent(tx, {
    name: 'environment.removed',
    actor: 'towpath',
    subject: `environment/${id}`,
    data: { name },
  });
}
