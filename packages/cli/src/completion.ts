import type { Client } from '@towpath/client';
import type { Argument, Command, Option } from 'commander';

/** Names that only the server knows. */
export interface Names {
  readonly services: readonly string[];
  readonly environments: readonly string[];
  readonly projects: readonly string[];
}
type Kind = keyof Names;

/** What stands for a name of the server: an option's value, or an argument; by what the help calls it. */
const optionKinds: Readonly<Record<string, Kind>> = {
  '--env': 'environments',
  '--after': 'environments',
  '--service': 'services',
  '--project': 'projects',
};
const argumentKinds: Readonly<Record<string, Kind>> = { service: 'services', what: 'services', project: 'projects' };

/** How long somebody who pressed the key is kept waiting for names, in ms; on a slow line $TOWPATH_COMPLETION_MS says more. */
const namesMs = 300;

/** Of the server; none when it does not answer at once. */
export async function askNames(client: () => Promise<Client>, env: NodeJS.ProcessEnv = process.env): Promise<Names> {
  const limitMs = /^\d{1,5}$/.test(env.TOWPATH_COMPLETION_MS ?? '') ? Number(env.TOWPATH_COMPLETION_MS) : namesMs;
  try {
    const { projects } = await (await client()).call('listProjects', { signal: AbortSignal.timeout(limitMs) });
    return {
      services: projects.flatMap(({ services }) => services),
      environments: projects.flatMap(({ environments }) => environments),
      projects: projects.map(({ name }) => name),
    };
  } catch {
    return { services: [], environments: [], projects: [] };
  }
}

/** What the last of the typed words (behind `towpath`) can become. Names are asked for where they are needed only. */
export async function complete(
  program: Command,
  words: readonly string[],
  names: () => Promise<Names>,
): Promise<string[]> {
  const last = words.at(-1) ?? '';
  const { command, operands, open } = walk(program, words.slice(0, -1));
  const candidates = await candidatesOf(command, operands, open, last, names);
  return [...new Set(candidates)].filter((each) => each.startsWith(last)).sort();
}

async function candidatesOf(
  command: Command,
  operands: number,
  open: Option | null,
  last: string,
  names: () => Promise<Names>,
): Promise<readonly string[]> {
  const kind = open === null ? null : (optionKinds[open.long ?? ''] ?? null);
  if (open !== null) return open.argChoices ?? (kind === null ? [] : (await names())[kind]);
  if (last.startsWith('-')) return command.options.flatMap(({ long, hidden }) => (long && !hidden ? [long] : []));
  const below = operands === 0 ? command.createHelp().visibleCommands(command) : [];
  const verbs = below.map((each) => each.name()).filter((name) => name !== 'help');
  const argument = argumentAt(command, operands);
  const wanted = argument === undefined ? null : kindOf(command, argument);
  const values = argument?.argChoices ?? (wanted === null ? [] : (await names())[wanted]);
  return [...verbs, ...values];
}

/** `towpath env set <name>` names an environment. */
const kindOf = (command: Command, argument: Argument): Kind | null =>
  command.parent?.name() === 'env' && argument.name() === 'name' && command.name() !== 'add'
    ? 'environments'
    : (argumentKinds[argument.name()] ?? null);

function argumentAt(command: Command, index: number): Argument | undefined {
  const known = command.registeredArguments;
  const final = known.at(-1);
  return known[index] ?? (final?.variadic === true ? final : undefined);
}

/** The command that the words lead to, how many words it already has, and an option that waits for its value. */
function walk(program: Command, words: readonly string[]) {
  let command = program;
  let operands = 0;
  let open: Option | null = null;
  for (const word of words) {
    if (open !== null) open = null;
    else if (word.startsWith('-') && word !== '-') open = valued(command, word);
    else {
      const next = operands === 0 ? command.commands.find((each) => each.name() === word) : undefined;
      if (next === undefined) operands += 1;
      else command = next;
    }
  }
  return { command, operands, open };
}

function valued(command: Command, word: string): Option | null {
  const found = command.options.find(({ long, short }) => long === word || short === word);
  return found?.required === true ? found : null;
}

/** What a shell runs once: it then asks `towpath completion words` for each key. */
export const scripts: Readonly<Record<string, string>> = {
  bash: `_towpath() {
  local IFS=$'\\n'
  COMPREPLY=($(towpath completion words -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null))
}
complete -o default -F _towpath towpath
`,
  zsh: `#compdef towpath
_towpath() {
  local -a found
  found=(\${(f)"$(towpath completion words -- "\${(@)words[2,CURRENT]}" 2>/dev/null)"})
  compadd -a found
}
compdef _towpath towpath
`,
  fish: `complete -c towpath -f -a '(towpath completion words -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
`,
};
