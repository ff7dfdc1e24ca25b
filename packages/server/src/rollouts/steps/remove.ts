import { failpoint } from '../../failpoints.ts';
import { removeWhenEmpty } from '../../store/environments.ts';
import { appendEvent } from '../../store/events.ts';
import { setLive } from '../../store/targets.ts';
import type { Act } from '../act.ts';
import { type Outcome, proceed } from '../outcome.ts';

/**
 * Stops and forgets what is out of the routes; only then is nothing live any more, so that whoever looks after a failure finds what is left
 * to tear down. The last one of an environment that is being removed ends that, too.
 */
export async function remove(act: Act, index: number): Promise<Outcome> {
  const { deployment, target } = act;
  await act.removeAll();
  failpoint('rollout.stopped');
  await act.write(async (tx) => {
    await setLive(tx, target.row.id, null);
    if (!(await removeWhenEmpty(tx, target.environment.id, deployment.id))) return;
    await appendEvent(tx, {
      name: 'environment.removed',
      actor: 'towpath',
      subject: `environment/${target.environment.id}`,
      data: { name: target.environment.name },
    });
  });
  await act.note(index, 'removed');
  return proceed;
}
