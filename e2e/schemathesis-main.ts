/** `npm run schemathesis -- [EXAMPLES]`: with so many examples of each kind for each operation; 25 when not said. */
import { schemathesis } from './schemathesis.ts';

const { code, said } = await schemathesis(Number(process.argv[2] ?? 25));
console.log(said);
process.exitCode = code ?? 1;
