import type { Repository } from '../repository.ts';
import { nodeService, serviceJson, staticSite } from '../templates.ts';
import type { World } from '../world.ts';
import { api, brokenCart, mailer, mendedCart, reports, search } from './services.ts';

/** What the pictures are of. */
export interface Seeded {
  readonly failed: number;
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
}

/** A shop with a week of work behind it, in a minute: all of it really pushed, tested and deployed. */
export async function seed(world: World): Promise<Seeded> {
  const at = (name: string, files: Parameters<World['service']>[1]) =>
    world.service(name, files, '--yes', '--project', 'shop');
  const shop = await at('api', api);
  const { run: succeeded } = await world.ship(shop);
  await shop.commit('Give books their own tax', mendedCart);
  await world.ship(shop);

  const web = await at('web', staticSite());
  await world.ship(web);
  await web.commit('Show the new prices on the front page', staticSite('v2'));
  await world.ship(web);

  const billing = await at('billing', nodeService());
  for (const version of ['v1', 'v2', 'v3']) {
    await billing.commit(`Send receipts in ${version}`, { 'service.json': serviceJson({ version }) });
    await world.ship(billing);
  }
  const back = { service: 'shop/billing', environment: 'production' };
  await world.deployed(
    await world.client.call('rollback', { params: back, body: { reason: 'wrong totals on receipts' } }),
  );

  const finder = await at('search', search);
  await world.ship(finder);
  await finder.commit('Rank by what people bought', { 'service.json': serviceJson({ behaviour: 'unhealthy' }) });
  await pushed(world, finder);

  await world.ship(await at('mailer', mailer));
  await at('docs', {});

  await web.commit('Show VAT on receipts', staticSite('v3'));
  const waiting = await pushed(world, web);
  await shop.commit('Round tax as the tax office does', brokenCart);
  const failed = await pushed(world, shop);
  const slow = await at('reports', reports);
  const running = await slow.pushing().line(/ #\d+ /);
  return { failed, waiting, running: Number(/#(\d+)/.exec(running)?.[1]), succeeded: succeeded.run };
}

async function pushed(world: World, repository: Repository): Promise<number> {
  const { run, said } = await repository.push();
  if (run === null) throw new Error(`the push began no run:\n${said}`);
  await world.waitFor(run, ({ status }) => status !== 'queued' && status !== 'running').catch(() => null);
  return run;
}
