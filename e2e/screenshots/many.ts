import type { StatusBoard } from '@towpath/contract';
import type { Route } from 'playwright-core';

/** The board of a larger shop: what there is, over and over under other names. */
export async function many(route: Route): Promise<void> {
  const response = await route.fetch();
  const board = (await response.json()) as StatusBoard;
  const words = ['orders', 'stock', 'prices', 'carts', 'users', 'mails', 'taxes', 'parcels', 'returns', 'reviews'];
  const services = Array.from({ length: 1_000 }, (_, index) => {
    const of = board.services[(index * 3) % board.services.length];
    const project = ['shop', 'warehouse', 'office'][Math.floor(index / 334)] ?? 'shop';
    return { ...of, project, name: `${words[index % words.length]}-${Math.floor(index / words.length) + 1}` };
  });
  await route.fulfill({ response, json: { ...board, services } });
}
