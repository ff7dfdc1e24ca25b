import type { Result } from './try.ts';

/** The results as a page of Markdown. */
export function page(results: readonly Result[]): string {
  const first = results.filter(({ attempts }) => attempts[0]?.served === true).length;
  const told = results.filter(({ attempts }) => attempts.length > 1 && attempts.at(-1)?.served === true).length;
  return `# Services of others

What happens when a published service is made a repository as it is and pushed: \`npm run real-services\` fetched each from its registry,
typed \`towpath init --yes\` and \`git push towpath main\`, and wrote this page. Where that was not enough, it told what the service's owner
would know (\`towpath service set\`) and pushed again.

What is published is less than the repository that it was made from: tests and sources are mostly left out, so that a script that
\`package.json\` names has nothing to run. \`--test true\` stands for that, and for tests that fail as published.

Served in staging: ${first} of ${results.length} with no word, ${told} more after they were told something, ${results.length - first - told} not at all.

| service | found | told | in staging |
| --- | --- | --- | --- |
${results.map(row).join('\n')}

## What was found

${results.map(details).join('\n\n')}
`;
}

const title = ({ service }: Result): string => `${service.package} ${service.version} (${service.registry})`;

function row(result: Result): string {
  const { service, found, attempts } = result;
  const twice = attempts.length > 1;
  const told = twice ? `${(service.told ?? []).map(quoted).join(' ')} (${service.because})` : '–';
  const outcomes = attempts.map(({ outcome }, index) => (index === 0 && twice ? `at first: ${outcome}` : outcome));
  return `| ${[title(result), found.kind?.value ?? 'nothing', told, outcomes.join('; then ')].map(cell).join(' | ')} |`;
}

function details(result: Result): string {
  const { found } = result;
  const { install, test, build, release, health, start } = found;
  const served = start?.kind === 'static' ? start.folder : start?.command;
  const lines = [
    ...Object.entries({ install, test, build, release, health }).flatMap(([name, one]) =>
      one === null ? [] : [{ name, text: one.value, origin: one.origin }],
    ),
    ...found.quality.map(({ name, command, origin }) => ({ name, text: command, origin })),
    ...(start === null || served === undefined ? [] : [{ name: 'start', text: served, origin: start.origin }]),
  ];
  const shown = lines.map(({ name, text, origin }) => `- ${name}: \`${text}\` (${origin})`);
  const said = found.notices.map(({ text }) => `- says: ${text}`);
  const asked = found.question === null ? [] : [`- asks: ${found.question.text}`];
  return [`### ${title(result)}`, '', ...shown, ...said, ...asked].join('\n');
}

const quoted = (word: string): string => (/\s/.test(word) ? `'${word}'` : word);
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
