import { expect, test } from 'vitest';
import { type Account, type Accounts, choosePostgresAccount } from './account.ts';

const account = (name: string, uid: number): Account => ({ name, uid, gid: uid });

function system(there: Account[], canCreate: boolean): Accounts & { created: string[] } {
  const created: string[] = [];
  return {
    created,
    find: (name) => there.find((one) => one.name === name) ?? null,
    create: (name) => {
      created.push(name);
      if (canCreate) there.push(account(name, 998));
      return canCreate;
    },
  };
}

test('an account of its own is created once', () => {
  const accounts = system([account('postgres', 101), account('nobody', 65534)], true);
  expect(choosePostgresAccount(accounts).name).toBe('towpath-postgres');
  expect(choosePostgresAccount(accounts).name).toBe('towpath-postgres');
  expect(accounts.created).toEqual(['towpath-postgres']);
});

test('where none can be created, postgres serves, then nobody', () => {
  const nobody = account('nobody', 65534);
  expect(choosePostgresAccount(system([account('postgres', 101), nobody], false)).name).toBe('postgres');
  expect(choosePostgresAccount(system([nobody], false)).name).toBe('nobody');
});

test('an account with the rights of root is never taken', () => {
  expect(() => choosePostgresAccount(system([account('postgres', 0)], false))).toThrow('there is no account for it');
});
