import type { FoundToolchain, Toolchain } from '../../domain/runtime/toolchain.ts';
import type { Toolchains } from '../toolchains.ts';

/** A machine whose PATH has every tool, and the toolchains that a test puts there. */
export class FakeToolchains implements Toolchains {
  found: FoundToolchain[] = [];
  /** Tools that the PATH does not lead to. */
  readonly lacks = new Set<string>();
  /** Programs that were removed. */
  readonly gone = new Set<string>();

  async has(name: string): Promise<boolean> {
    return !this.lacks.has(name);
  }

  async find(name: string): Promise<readonly FoundToolchain[]> {
    return this.found.filter((each) => each.name === name);
  }

  async ready({ name, version, place, bin, program, env }: FoundToolchain): Promise<Toolchain> {
    return { name, version, place, bin, program, env };
  }

  async isThere({ program }: Toolchain): Promise<boolean> {
    return !this.gone.has(program);
  }
}
