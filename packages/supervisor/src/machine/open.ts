import { readProcfs } from './procfs.ts';
import { readPs } from './ps.ts';
import type { ProcessTable, Row, TableReader } from './table.ts';

/** Shares one reading among all who ask in the same turn, and keeps readings below a third of the time. */
export function openTable(reader: TableReader = process.platform === 'linux' ? readProcfs() : readPs()): ProcessTable {
  let next: Promise<readonly Row[]> | null = null;
  let notBefore = 0;
  return {
    boot: reader.boot,
    showsMarkers: reader.showsMarkers,
    startOf: (pid) => reader.startOf(pid),
    pipeBelow: (pid) => reader.pipeBelow(pid),
    commandOf: (pid) => reader.commandOf(pid),
    look() {
      next ??= new Promise((resolve, reject) => {
        const read = () => {
          next = null;
          const began = performance.now();
          try {
            resolve(reader.read());
          } catch (error) {
            reject(error);
          }
          const ended = performance.now();
          notBefore = ended + 2 * (ended - began);
        };
        const wait = notBefore - performance.now();
        if (wait > 0) setTimeout(read, wait);
        else setImmediate(read);
      });
      return next;
    },
  };
}
