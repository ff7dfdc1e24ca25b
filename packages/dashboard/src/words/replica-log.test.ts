import { expect, test } from 'vitest';
import { replicaName, versionsOf } from './replica.ts';
import { ReplicaLog } from './replica-log.ts';

const all = (log: ReplicaLog): string[] =>
  Array.from({ length: log.count }, (_, index) => `${log.source(index)} ${log.text(index)}`);

test('lines of several replicas never mix, however their pieces are cut', () => {
  const log = new ReplicaLog();
  log.append('a', 'one\ntw', '2026-01-01T00:00:00.000Z');
  log.append('b', 'other\n', '2026-01-01T00:00:01.000Z');
  log.append('a', 'o\n', '2026-01-01T00:00:02.000Z');
  expect(all(log)).toEqual(['a one', 'a two', 'b other']);
  expect(log.at(1)).toBe('2026-01-01T00:00:00.000Z');
  expect(log.replicas).toEqual(['a', 'b']);
});

test('what was printed before comes replica by replica, and is shown in the order of its times', () => {
  const log = new ReplicaLog();
  log.append('a', 'one\n', '2026-01-01T00:00:01.000Z');
  log.append('a', 'three\n', '2026-01-01T00:00:03.000Z');
  log.append('b', 'two\nalso two\n', '2026-01-01T00:00:02.000Z');
  expect(all(log)).toEqual(['a one', 'b two', 'b also two', 'a three']);
});

test('a colour of one replica does not go on in the lines of another', () => {
  const log = new ReplicaLog();
  log.append('a', '\u001b[31mred\n', null);
  log.append('b', 'plain\n', null);
  log.append('a', 'still red\n', null);
  expect([0, 1, 2].map((index) => log.spans(index)[0]?.style.fg)).toEqual([1, null, 1]);
});

test('one replica can be looked at alone, and what it prints next too', () => {
  const log = new ReplicaLog();
  log.append('a', 'one\n', null);
  log.append('b', 'two\n', null);
  log.choose('b');
  log.append('a', 'three\n', null);
  log.append('b', 'four\n', null);
  expect(all(log)).toEqual(['b two', 'b four']);
  expect(log.search('FOUR')).toEqual([1]);
  log.choose(null);
  expect(log.count).toBe(4);
});

test('a page that is open for long forgets the oldest lines, and tells how many', () => {
  const log = new ReplicaLog(20_000);
  for (let at = 0; at < 20_001; at++) log.append('a', `${at}\n`, null);
  expect(log.count).toBe(10_001);
  expect(log.dropped).toBe(10_000);
  expect(log.text(0)).toBe('10000');
});

test('a replica is called by release, process and place', () => {
  const versions = versionsOf([{ id: 'target/7:12:http:0.1', release: 3 }]);
  expect(replicaName('target/7:12:http:0.1', versions)).toBe('v3 http 1');
  expect(replicaName('target/7:12:worker/mailer:1.4', versions)).toBe('v3 mailer 2, start 4');
  expect(replicaName('target/7:99:http:0.1', versions)).toBe('http 1');
  expect(replicaName('something else', versions)).toBe('something else');
});
