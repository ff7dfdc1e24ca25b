/** `node up.ts FOLDER [down]`: `up` (or `down`) in a process of its own, so that it can be killed, or run under another account. */
import { installation } from './installation.ts';

const [folder = '', verb = 'up'] = process.argv.slice(2);
const it = installation(folder);
console.log(JSON.stringify(verb === 'down' ? await it.down() : await it.up()));
