/**
 * The byte sequences that give a secret away in a log: as it is, line by line, in JSON, in a URL, in base64.
 *
 * Values under 4 characters are left alone: `1` or `on` would blacken every log and hide nothing.
 */
const shortestValue = 4;
/** Lines of a value of several lines; shorter ones (`}`, `-----`) are in every log. */
const shortestLine = 6;
/** Of a secret inside a longer base64 text; fewer characters would be found in any. */
const shortestInner = 8;

/** Every form of the value, none empty, none twice. */
export function formsOf(value: string): Buffer[] {
  const forms = new Set<string>();
  // The newline at a file's end is not part of the secret: masking it would join two lines of the log.
  for (const text of new Set([value, value.trim()])) {
    if (text.length < shortestValue) continue;
    if (text === text.trim()) forms.add(text);
    forms.add(JSON.stringify(text).slice(1, -1));
    for (const form of inUrl(text.toWellFormed())) forms.add(form);
    for (const form of inBase64(Buffer.from(text))) forms.add(form);
  }
  for (const line of value.split(/[\r\n]+/)) {
    const text = line.trim();
    if (text.length >= shortestLine) forms.add(text);
  }
  return [...forms].map((form) => Buffer.from(form));
}

function inUrl(text: string): string[] {
  const encoded = encodeURIComponent(text);
  const form = new URLSearchParams({ x: text }).toString().slice(2);
  const lower = (escaped: string) => escaped.replace(/%../g, (code) => code.toLowerCase());
  return [encoded, form, lower(encoded), lower(form)];
}

/**
 * As a whole, and inside a longer text (`user:secret`): at each of the three offsets, the characters that the secret alone decides.
 * In both alphabets.
 */
function inBase64(bytes: Buffer): string[] {
  const forms = [bytes.toString('base64'), bytes.toString('base64').replace(/=+$/, '')];
  for (const offset of [0, 1, 2]) {
    const whole = Buffer.concat([Buffer.alloc(offset), bytes]);
    const inner = whole.toString('base64').slice(Math.ceil((offset * 8) / 6), Math.floor((whole.length * 8) / 6));
    if (inner.length >= shortestInner) forms.push(inner);
  }
  return [...forms, ...forms.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'))];
}
