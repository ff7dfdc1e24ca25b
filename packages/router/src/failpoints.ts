import { failpoint as pass } from '@towpath/contract/failpoint';

/** Where a crash can be ordered: around the moments in which a table becomes the one that is served. */
export const failpoints = ['router.table.received', 'router.table.saved', 'router.table.served'] as const;

export function failpoint(name: (typeof failpoints)[number]): void {
  pass(name);
}
