import { type SettingField, settingFields, settingsJsonSchema } from '@towpath/contract';
import { stringify } from 'yaml';
import { code, defaultText, page, shapeOf, table, typeText } from './markdown.ts';

/** The JSON schema of towpath.yaml, as editors take it. */
export const settingsSchema = (): string => `${JSON.stringify(settingsJsonSchema(), null, 2)}\n`;

const intro = `What a service needs is found in each commit. What is not, or is to be otherwise, is said in layers; a stronger one wins, value
by value:

1. defaults
2. what is found in the commit
3. the project
4. the repository's own \`towpath.yaml\`, in the folder of the service
5. the service: \`towpath init\`, \`towpath service set\`

What a layer says for one environment (below \`environments\`) is stronger than what it says for all, and than every weaker layer.
Maps are merged by name; lists are replaced. \`false\` switches something off. The origin of each value is told with it.

Everything in \`towpath.yaml\` is optional. Editors check it with [towpath.schema.json](towpath.schema.json).`;

const patterns = `## Patterns

In \`triggers\`, \`*\` is any text without \`/\`, \`**\` any text, \`?\` one character except \`/\`, and \`**/\` any folders, or none. All
other characters are themselves. The whole name or path has to match. Patterns are read in order: one with a leading \`!\` takes out what
those before it matched, a later one can bring it back; where the first has a \`!\`, everything is matched at first.`;

const sizes = `## Durations and sizes

A duration is a whole number with \`ms\`, \`s\`, \`m\`, \`h\` or \`d\`: \`90s\`. A size is a whole number with \`Mi\` or \`Gi\`: \`512Mi\`.`;

/** Every setting with its type, default, example, and where it may stand. */
export function settingsPage(): string {
  const fields = settingFields();
  const rows = fields.map((field) => [
    code(field.path.replace('.*', '.<name>')),
    field.description,
    typeText(shapeOf(field.schema, 'input')),
    defaultText(field),
    placesOf(field),
  ]);
  const examples = fields.filter(({ path, inFile }) => inFile && !path.includes('.'));
  return page(
    'Settings',
    'packages/contract/src/settings.ts',
    intro,
    table(['setting', 'meaning', 'takes', 'default', 'where'], rows),
    patterns,
    sizes,
    '## Examples',
    ...examples.map(exampleOf),
  );
}

function placesOf({ path, inFile, inEnvironment }: SettingField): string {
  if (path.startsWith('environments.')) return 'environment';
  const places = [...(inFile ? ['file'] : []), 'service', ...(inEnvironment ? ['environment'] : [])];
  return places.join(', ');
}

function exampleOf({ path, examples }: SettingField): string {
  const texts = examples.map((example) => stringify({ [path]: example }, { flowCollectionPadding: true }).trimEnd());
  return `### ${path}\n\n${texts.map((text) => `\`\`\`yaml\n${text}\n\`\`\``).join('\n\n')}`;
}
