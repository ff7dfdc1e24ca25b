import { queries } from '../live/queries.ts';
import { client, signedOut } from './client.ts';

/** Who is signed in. Throws `unauthorised` when nobody is. */
export const whoAmI = () => client.call('getSession');

/** With a token, or with a code of `towpath dashboard`, which is good once. From then on the browser's cookie tells who asks. */
export const signIn = (proof: { readonly token: string } | { readonly code: string }) =>
  client.call('logIn', { body: proof });

export async function signOut(): Promise<void> {
  await client.call('logOut');
  queries.clear();
  signedOut.set(true);
}
