import type { Files } from '../templates.ts';
import { nodeService } from '../templates.ts';

/** What made-up teams have in their repositories: small, but built, tested and served like any other. */

const scripts = (extra: Readonly<Record<string, string>>): string =>
  `${JSON.stringify({ name: 'service', version: '1.0.0', private: true, scripts: { start: 'node server.js', ...extra } }, null, 2)}\n`;

const cart = `const rate = { books: 0.07, other: 0.19 };
exports.tax = (cents, kind) => Math.round(cents * (rate[kind] ?? rate.other));
exports.total = (items) => items.reduce((sum, { cents, kind }) => sum + cents + exports.tax(cents, kind), 0);
`;

const cartTest = `const { describe, test } = require('node:test');
const assert = require('node:assert/strict');
const { tax, total } = require('../cart.js');

describe('cart', () => {
  test('adds tax', () => assert.equal(tax(10000, 'other'), 1900));
  test('books have less tax', () => assert.equal(tax(10000, 'books'), 700));
  test('an empty cart is free', () => assert.equal(total([]), 0));
  test('sums up what is in it', () => assert.equal(total([{ cents: 10000, kind: 'books' }, { cents: 500, kind: 'other' }]), 11295));
});
describe('money', () => {
  for (let cents = 1; cents <= 24; cents++) {
    test('rounds ' + cents + ' cents', () => assert.equal(Number.isInteger(tax(cents, 'other')), true));
  }
});
`;

const yaml = `quality:
  lint: "printf '\\\\033[2mchecked 14 files\\\\033[0m \\\\033[32mno fault\\\\033[0m\\\\n'"
  types: "echo 0 errors"
`;

/** A shop's API with tests, checks and a build that prints in colours. */
export const api: Files = {
  ...nodeService(),
  'package.json': scripts({ test: 'node --test test/*.test.js', build: 'node build.js' }),
  'build.js': `for (const [name, size] of [['server', 184], ['cart', 12], ['receipts', 41]]) {
  console.log('\\x1b[32m✓\\x1b[39m \\x1b[1m' + name + '\\x1b[22m \\x1b[2m' + size + ' kB\\x1b[22m');
}
`,
  'server.js': `${nodeService()['server.js']}
server.on('request', ({ method, url }) => console.log('\\x1b[36m' + method + '\\x1b[39m ' + url));
`,
  'cart.js': cart,
  'test/cart.test.js': cartTest,
  'towpath.yaml': yaml,
};

/** The change that a test does not like. */
export const brokenCart: Files = { 'cart.js': cart.replace('0.07', '0.007') };
export const mendedCart: Files = { 'cart.js': `${cart}exports.rate = rate;\n` };

/** Tells each request, with a failure now and then, and has a job. */
export const billing = (version: string): Files => ({
  ...nodeService({ version }),
  'server.js': `const { version } = require('./service.json');
const tax = (cents) => Math.round(cents * 0.19);
let count = 0;
console.log('\\x1b[2mbilling\\x1b[22m ' + version + ' listens on ' + process.env.PORT);
require('node:http').createServer((request, response) => {
  count += 1;
  const bad = count % (version === 'v2' ? 15 : 120) === 0;
  const ms = 4 + (count * 7919 % 23) + (count % 40 === 0 ? 90 : 0);
  setTimeout(() => {
    const cents = count * 104729 % 90000;
    if (bad) console.log('\\x1b[31merror\\x1b[39m receipt ' + count + ': the printer does not answer');
    else console.log('\\x1b[36minfo\\x1b[39m  receipt ' + count + ': ' + cents + ' and ' + tax(cents) + ' tax, ' + ms + ' ms');
    response.writeHead(bad ? 502 : 200).end(String(cents));
  }, ms);
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`,
  'report.js': `const months = ['January', 'February', 'March', 'April', 'May', 'June'];
months.forEach((month, index) => setTimeout(() => console.log('\\x1b[32m✓\\x1b[39m ' + month + ': ' + (index + 3) * 1297 + ' receipts'), index * 40));
`,
  'towpath.yaml': `processes:
  report:
    kind: job
    command: node report.js
`,
});

export const search: Files = nodeService({ test: 'node --check server.js && echo fine' });

/** Takes its time, and prints while it does. */
export const reports: Files = {
  ...nodeService(),
  'package.json': scripts({ test: 'node test.js' }),
  'test.js': `const lines = Number(process.env.LINES ?? 4000);
let at = 0;
const step = () => {
  for (let count = 0; count < 40 && at < lines; count++, at++) {
    const level = at % 97 === 0 ? '\\x1b[33mwarn\\x1b[39m' : at % 11 === 0 ? '\\x1b[36minfo\\x1b[39m' : '\\x1b[2mdebug\\x1b[22m';
    console.log(level + ' month ' + (at % 12 + 1) + ': ' + (at * 7919 % 100000) + ' rows read, ' + (at * 104729 % 9973) + ' written');
  }
  if (at < lines) setTimeout(step, Number(process.env.PAUSE_MS ?? 5));
};
step();
`,
};

export const mailer: Files = {
  'package.json': `${JSON.stringify({ name: 'mailer', version: '1.0.0', private: true }, null, 2)}\n`,
  Procfile: 'worker: node worker.js\n',
  'worker.js': `console.log('waiting for mail');\nsetInterval(() => {}, 60_000);\n`,
};
