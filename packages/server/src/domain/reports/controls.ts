/** Sequences that a terminal obeys, whole (CSI, OSC and its like, short ones), and lone control characters but the tab. */
const controls =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
  /\u001b\[[0-?]*[ -/]*[@-~]|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)|\u001b[ -/]*[0-~]|[\u0000-\u0008\u000a-\u001f\u007f-\u009f]/g;

/** Text of a program without colours and other controls. */
export function stripControls(text: string): string {
  return text.replaceAll(controls, '');
}
