const mostCharacters = 200;

/** Lines at the end of a crash that say nothing of its cause: frames of a stack, Node's version, npm's trailer, marks below a line of code. */
const noise = [/^\s+at /, /^Node\.js v\d/, /^npm (error|ERR!)/, /^[\s^~]*$/];

/**
 * The line by which a program that ended said why: the last one of its output that tells something; null when there is none. Output is
 * another program's text: what could reach out of a terminal's line is taken out, and it is cut to a readable length.
 */
export function lastWords(output: string): string | null {
  const lines = output.split(/\r?\n|\r/).map(plain);
  const told = lines.findLast((line) => !noise.some((pattern) => pattern.test(line)))?.trim();
  if (told === undefined) return null;
  return told.length <= mostCharacters ? told : `${told.slice(0, mostCharacters - 1)}…`;
}

/** Without colours and other control characters. */
function plain(line: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  return line.replace(/\u001b\[[0-9;?]*[ -/]*[@-~]/g, '').replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}
