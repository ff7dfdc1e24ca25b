import { queries } from '../live/queries.ts';
import { signedOut } from './client.ts';
export async function whoAmI(): Promise<{ name: string; role: string }> {
  return { name: 'owner', role: 'owner' };
}
export async function signIn(_with: { token: string } | { code: string }): Promise<void> {
  signedOut.set(false);
}
export async function signOut(): Promise<void> {
  queries.clear();
  signedOut.set(true);
}
