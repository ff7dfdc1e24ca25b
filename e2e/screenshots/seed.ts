import { setTimeout as pause } from 'node:timers/promises';
import type { Repository } from '../repository.ts';
import { serviceJson, staticSite } from '../templates.ts';
import type { World } from '../world.ts';
import { api, billing as billingFiles, brokenCart, mailer, mendedCart, reports, search } from './services.ts';

/** What the pictures are of. */
export interface Seeded {
  readonly failed: number;
  readonly waiting: number;
  readonly running: number;
  readonly succeeded: number;
  readonly job: number;
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

  const billing = await at('billing', billingFiles('v1'));
  const back = { service: 'shop/billing', environment: 'production' };
  await world.ship(billing);
  await world.client.call('scale', { params: back, body: { replicas: 2 } });
  const buying = buyers(world, 'billing.localhost');
  for (const version of ['v2', 'v3']) {
    await billing.commit(`Send receipts in ${version}`, { 'service.json': serviceJson({ version }) });
    await world.ship(billing);
  }
  const { deployment } = await world.client.call('setConfig', {
    params: back,
    body: { config: { LOG_LEVEL: 'info', PRINTER: 'hall' }, secrets: { PRINTER_KEY: 'hunter2' } },
  });
  if (deployment !== null) await world.deployed(deployment);
  const { job } = await world.client.call('runJob', { params: back, body: { process: 'report' } });
  await world.client.call('waitJob', { params: { job } });
  const { job: listing } = await world.client.call('exec', { params: back, body: { command: ['ls', 'nowhere'] } });
  await world.client.call('waitJob', { params: { job: listing } });
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
  buying.abort();
  return { job, failed, waiting, running: Number(/#(\d+)/.exec(running)?.[1]), succeeded: succeeded.run };
}

/** Users, until nobody wants them any more. */
function buyers(world: World, host: string): AbortController {
  const end = new AbortController();
  const buy = async (): Promise<void> => {
    while (!end.signal.aborted) {
      await world.ask(host).catch(() => null);
      await pause(30);
    }
  };
  void buy();
  void buy();
  return end;
}

async function pushed(world: World, repository: Repository): Promise<number> {
  const { run, said } = await repository.push();
  if (run === null) throw new Error(`the push began no run:\n${said}`);
  await world.waitFor(run, ({ status }) => status !== 'queued' && status !== 'running').catch(() => null);
  return run;
}
