import { TowpathError } from '@towpath/contract';
import { runShort } from './run.ts';

/** An account of the system that a part runs under when root starts it. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export interface Accounts {
  find(name: string): Account | null;
  /** Creates a system account without home and login; false when this system does not let us. */
  create(name: string): boolean;
}

const own = 'towpath-postgres';
const nowhere = '/nonexistent';
const noLogin = '/usr/sbin/nologin';
const fallbacks = ['postgres', 'nobody'];

/** The account for PostgreSQL, which refuses to run as root: its own, created when that is possible, else one that is there. */
export function choosePostgresAccount(accounts: Accounts = systemAccounts): Account {
  const there = accounts.find(own);
  if (there !== null) return there;
  accounts.create(own);
  for (const name of [own, ...fallbacks]) {
    const account = accounts.find(name);
    if (account !== null && account.uid !== 0) return account;
  }
  throw new TowpathError('database_unusable', 'PostgreSQL does not run as root, and there is no account for it', {
    help: `Create one: useradd --system ${own}. Or give a database: DATABASE_URL=… towpath up.`,
  });
}

/** Asks through `id`, so that accounts of a directory service are found too. */
const systemAccounts: Accounts = {
  find: (name) => {
    const [uid, gid] = ['-u', '-g'].map((flag) => runShort(['id', flag, name]));
    if (uid?.code !== 0 || gid?.code !== 0) return null;
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  },
  create: (name) =>
    [
      ['useradd', '--system', '--user-group', '--no-create-home', '--home-dir', nowhere, '--shell', noLogin, name],
      ['adduser', '-S', '-D', '-H', '-h', nowhere, '-s', noLogin, name],
    ].some(([command = '', ...args]) => runShort([command, ...args]).code === 0),
};

/** Whether an account may enter a folder: tried, not computed, since access lists and mounts have a say too. */
export function canEnter(account: Account, folder: string): boolean {
  return runShort(['sh', '-c', 'cd -- "$1"', 'sh', folder], { account }).code === 0;
}
