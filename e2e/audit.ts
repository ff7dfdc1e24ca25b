import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');

/** What axe finds, by all its rules or by one: rule and place. Its script comes past the page's policy, as a debugger's does. */
export async function audit(page: Page, rule: string | null = null): Promise<string[]> {
  await page.mouse.move(0, 0);
  await page.evaluate(axe);
  const options = { resultTypes: ['violations'], ...(rule === null ? {} : { runOnly: [rule] }) };
  const found = (await page.evaluate(`axe.run(document, ${JSON.stringify(options)})`)) as {
    violations: { id: string; nodes: { target: string[]; failureSummary?: string }[] }[];
  };
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map((node) => `${id}: ${node.target.join(' ')}: ${node.failureSummary}`),
  );
}
