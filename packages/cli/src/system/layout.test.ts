import { expect, test } from 'vitest';
import { defaultDataFolder, layoutOf, postgresSocketName } from './layout.ts';

const user = { uid: 1000, root: false };
const long = `/home/somebody/${'a-rather-long-name/'.repeat(6)}towpath`;

test('sockets lie below the data folder while their paths stay short', () => {
  const layout = layoutOf('/home/ada/.local/share/towpath', user);
  expect(layout.runIsInData).toBe(true);
  expect(layout.serverSocket(2)).toBe('/home/ada/.local/share/towpath/run/server-2.sock');
});

test('a long data path gets a short place for its sockets, the same each time and of its own', () => {
  const layout = layoutOf(long, user);
  expect(layout.runIsInData).toBe(false);
  expect(layout.run).toMatch(/^\/tmp\/towpath-1000-[0-9a-f]{12}$/);
  expect(layoutOf(long, user).run).toBe(layout.run);
  expect(layoutOf(`${long}-2`, user).run).not.toBe(layout.run);
  expect(layout.data).toBe(long);
});

test.each([10, 60, 71, 72, 73, 74, 75, 76, 77, 78, 90, 300])(
  'every socket path stays under 100 bytes, data path of %i',
  (length) => {
    const layout = layoutOf(`/${'ä'.repeat(Math.floor(length / 2))}`, user);
    const sockets = [
      layout.supervisorSocket,
      layout.routerSocket,
      layout.serverSocket(9),
      `${layout.postgresSocketFolder}/${postgresSocketName}`,
    ];
    for (const socket of sockets) expect(Buffer.byteLength(socket), socket).toBeLessThan(100);
  },
);

test('the data folder: TOWPATH_DATA, else the system folder for root, else the XDG folder', () => {
  expect(defaultDataFolder(user, { TOWPATH_DATA: '/srv/t', XDG_DATA_HOME: '/x' })).toBe('/srv/t');
  expect(defaultDataFolder({ uid: 0, root: true }, { XDG_DATA_HOME: '/x' })).toBe('/var/lib/towpath');
  expect(defaultDataFolder(user, { XDG_DATA_HOME: '/x' })).toBe('/x/towpath');
  expect(defaultDataFolder(user, {})).toMatch(/\/\.local\/share\/towpath$/);
});
