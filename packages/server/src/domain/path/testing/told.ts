import { isCode } from '@towpath/contract';
import { readRepositoryFile } from '../repository-file.ts';

export const environments = ['staging', 'production'];

/** The lines that are told about a towpath.yaml; none when it is right. */
export function told(text: string): string[] {
  try {
    readRepositoryFile(text, { environments });
    return [];
  } catch (error) {
    if (!isCode(error, 'unreadable_settings')) throw error;
    return error.message.split('\n');
  }
}
