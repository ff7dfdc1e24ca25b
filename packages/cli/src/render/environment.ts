import type { EnvironmentView } from '@towpath/contract';
import pc from 'picocolors';
import { faint, type Output, strong } from '../output.ts';
import { hanging } from './text.ts';

/** The environments as a table, in the order in which a run enters them. */
export function renderEnvironments(output: Output, environments: readonly EnvironmentView[]): void {
  const column = (text: (each: EnvironmentView) => string): ((each: EnvironmentView) => string) => {
    const width = Math.max(...environments.map((each) => text(each).length));
    return (each) => text(each).padEnd(width);
  };
  const name = column((each) => each.name);
  const branch = column((each) => each.branch ?? 'main branch');
  const deploy = column(deployText);
  for (const each of environments) {
    const before = `${name(each)}  ${branch(each)}  ${deploy(each)}  `;
    const prefix = `${strong(name(each))}  ${branch(each)}  ${deploy(each)}  `;
    const [text, paint] = liveText(each);
    output.line(paint(hanging(prefix, before.length, text, output.width)));
  }
}

function deployText({ deploy, approvalMs }: EnvironmentView): string {
  return deploy === 'approve' ? `approve within ${span(approvalMs)}` : deploy;
}

function liveText({ closing, live }: EnvironmentView): [text: string, paint: (text: string) => string] {
  const services = live.map(({ service, version }) => `${service} v${version}`).join(', ');
  if (closing) return [services === '' ? 'is being removed' : `is being removed: ${services}`, pc.yellow];
  return services === '' ? ['nothing live', faint] : [services, String];
}

/** A time as it is typed: `7d`, `12h`, `90m`. */
export function span(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes % 1_440 === 0) return `${minutes / 1_440}d`;
  return minutes % 60 === 0 ? `${minutes / 60}h` : `${minutes}m`;
}
