import { RepositoryFile } from '@towpath/contract';
import { describe, expect, test } from 'vitest';
import { told } from './testing/told.ts';

const top = Object.keys(RepositoryFile.shape).join(', ');
const differs =
  'test, release, processes, replicas, health, timeouts, resources, env, deploy, approvalTimeout, beforeDeploy';
const command = 'one line for the shell, 1 to 4,000 characters, is allowed';
const folder = 'a relative one is allowed, like services/api, without ..';
const name = 'up to 40 lower-case letters, digits and hyphens are allowed, starting with a letter';
const ms = 'a number with ms, s, m, h or d is allowed';
const like = 'this file only says what Towpath does not find by itself, like "test: npm test"';

describe('one mistake is told with its line, what was found, and what is allowed', () => {
  const mistakes: readonly (readonly [text: string, message: string])[] = [
    // Names
    ['tests: npm test', `1: tests: unknown; did you mean test? ${top} are allowed`],
    ['\nrollout: canary', `2: rollout: unknown; ${top} are allowed`],
    ['health: { timeout: 3s }', '1: health.timeout: unknown; path, startTimeout are allowed'],
    [
      'processes:\n  mailer:\n    comand: x',
      '3: processes.mailer.comand: unknown; did you mean command? kind, command, replicas, swap are allowed',
    ],
    [
      'runtime: { nodejs: 22 }',
      '1: runtime.nodejs: unknown; did you mean node? node, bun, python, go, rust, java, ruby, php are allowed',
    ],
    [
      'triggers:\n  branch: [main]',
      '2: triggers.branch: unknown; did you mean branches? branches, paths, tags are allowed',
    ],
    ['test: a\ntest: b', '2: test: stands in line 1 already; once is allowed'],
    ['quality:\n  lint: a\n  lint: b', '3: quality.lint: stands in line 2 already; once is allowed'],
    ['__proto__: { test: x }', '1: __proto__: nothing can have this name; another one is allowed'],
    ['env: { __proto__: x }', '1: env.__proto__: nothing can have this name; another one is allowed'],
    ['1: x', `1: 1: unknown; ${top} are allowed`],
    [': x', '1: a key is missing, or is no plain word'],
    ['? { a: b }\n: c', '1: a key is missing, or is no plain word'],
    ['quality: { Lint: x }', `1: quality.Lint: "Lint" is no name; ${name}`],
    ['processes: { my_job: { command: x } }', `1: processes.my_job: "my_job" is no name; ${name}`],
    [
      'env: { A-B: x }',
      '1: env.A-B: "A-B" is no name of a variable; letters, digits and _ are allowed, not starting with a digit',
    ],
    // Places
    ['folder: api', '1: folder: belongs to the service, not to its repository: towpath service set --folder …'],
    ['branch: main', '1: branch: belongs to the service, not to its repository: towpath service set --branch …'],
    ['deploy: auto', '1: deploy: belongs to an environment: environments: { production: { deploy: … } }'],
    [
      'environments:\n  production:\n    build: make',
      '3: environments.production.build: is the same in every environment: the build is promoted; give it at the top',
    ],
    [
      'environments:\n  prodution: {}',
      '2: environments.prodution: there is no such environment; did you mean production? staging, production are allowed',
    ],
    ['environments:\n  qa: {}', '2: environments.qa: there is no such environment; staging, production are allowed'],
    [
      'environments: { production: { rollout: x } }',
      `1: environments.production.rollout: unknown; ${differs} are allowed`,
    ],
    // Commands
    ['test: 5', '1: test: 5 is not taken; a command or false is allowed'],
    ['test: true', '1: test: true is not taken; a command or false is allowed'],
    ['test:', '1: test: nothing is given; a command or false is allowed'],
    ['test: [npm, test]', '1: test: a list is not taken; a command or false is allowed'],
    ['test: { unit: x }', '1: test: a map is not taken; a command or false is allowed'],
    ['test: ""', `1: test: "" is too short; ${command}`],
    [`build: ${'x'.repeat(4_001)}`, `1: build: "${'x'.repeat(40)}…" is too long; ${command}`],
    ['start: false', `1: start: false is no command; ${command}`],
    ['quality: [a]', '1: quality: a list is not taken; a command, false or a map of commands is allowed'],
    ['quality: { lint: 5 }', '1: quality.lint: 5 is not taken; a command or false is allowed'],
    [
      'processes: { mailer: node x }',
      '1: processes.mailer: "node x" is not taken; a map with kind and command, or false, is allowed',
    ],
    [
      'processes: { mailer: { kind: cron } }',
      '1: processes.mailer.kind: "cron" is not known; worker or job is allowed',
    ],
    ['processes: [mailer]', '1: processes: a list is no map; one of processes by name is allowed'],
    // Folders
    ['start: a\nstatic: b', '2: static: cannot be given together with start; one of the two is allowed'],
    ['static: /etc', `1: static: "/etc" is no folder below; ${folder}`],
    ['static: a/../../b', `1: static: "a/../../b" is no folder below; ${folder}`],
    ['static: .git', `1: static: ".git" is no folder below; ${folder}`],
    ['static: "..\\\\x"', `1: static: "..\\\\x" is no folder below; ${folder}`],
    ['data: .', '1: data: "." is no folder below; a folder of its own is allowed, like data or var/uploads'],
    // Values
    ['health: /healthz', '1: health: "/healthz" is no map; one with path, startTimeout is allowed'],
    [
      'health: { path: healthz }',
      '1: health.path: "healthz" is no path; one that begins with / is allowed, like /healthz',
    ],
    ['health: { startTimeout: 60 }', `1: health.startTimeout: 60 is no duration; ${ms}, 1s to 1h`],
    ['health: { startTimeout: 60 sec }', `1: health.startTimeout: "60 sec" is no duration; ${ms}, 1s to 1h`],
    ['health: { startTimeout: 2h }', `1: health.startTimeout: "2h" is out of bounds; ${ms}, 1s to 1h`],
    ['timeouts: { drain: -1s }', `1: timeouts.drain: "-1s" is no duration; ${ms}, 0s to 10m`],
    [
      'resources: { memory: 512MB }',
      '1: resources.memory: "512MB" is no size; a number with Mi or Gi is allowed, 16Mi to 1024Gi, like 512Mi',
    ],
    [
      'resources: { memory: 1Mi }',
      '1: resources.memory: "1Mi" is out of bounds; a number with Mi or Gi is allowed, 16Mi to 1024Gi, like 512Mi',
    ],
    ['resources: { cpu: half }', '1: resources.cpu: "half" is no number; 0.01 to 256 is allowed'],
    [
      'runtime: { node: [22] }',
      '1: runtime.node: a list is no version; one in quotes is allowed, like "22", "3.12" or ">=22 <25"',
    ],
    ['replicas: 101', '1: replicas: 101 is too large; 0 to 100 is allowed'],
    ['replicas: 1.5', '1: replicas: 1.5 is no whole number; 0 to 100 is allowed'],
    [
      '# who runs where\nenvironments:\n  staging: {}\n\n  production:\n    deploy: approve\n    replicas: three\n',
      '7: environments.production.replicas: "three" is no whole number; 0 to 100 is allowed',
    ],
    [
      'environments: { production: { deploy: yes } }',
      '1: environments.production.deploy: "yes" is not known; auto, approve or manual is allowed',
    ],
    [
      'environments: { production: { approvalTimeout: 1y } }',
      `1: environments.production.approvalTimeout: "1y" is no duration; ${ms}, 1m to 90d`,
    ],
    [
      'environments: { production: manual }',
      `1: environments.production: "manual" is no map; one with ${differs} is allowed`,
    ],
    ['environments: [staging]', '1: environments: a list is no map; one of environments by name is allowed'],
    [
      'triggers: { branches: main }',
      '1: triggers.branches: "main" is no list of patterns; one like [main, "release/*"] is allowed',
    ],
    [
      'triggers: { tags: [] }',
      '1: triggers.tags: an empty list would never start a run; leave it out, or give patterns',
    ],
    [
      'triggers:\n  paths:\n    - src/**\n    - 5',
      '4: triggers.paths[1]: 5 is no pattern; text with * and ** is allowed, like release/* or services/api/**',
    ],
    // Variables
    [
      'env: { API_TOKEN: abc }',
      '1: env.API_TOKEN: looks like a secret, which is not kept in plain settings; set it with: towpath secret set API_TOKEN',
    ],
    [
      'env: { dbPassword: abc }',
      '1: env.dbPassword: looks like a secret, which is not kept in plain settings; set it with: towpath secret set dbPassword',
    ],
    [
      'env: { DB: "postgres://ann:pw@db/x" }',
      '1: env.DB: looks like a secret, which is not kept in plain settings; set it with: towpath secret set DB',
    ],
    ['env: { DEBUG: true }', '1: env.DEBUG: true is no text; text is allowed, in quotes; null removes the variable'],
    ['env: { PORT: 3000 }', '1: env.PORT: is set by Towpath for each replica; leave it out'],
    ['env: [A=b]', '1: env: a list is no map; one of variables, as in LOG_LEVEL: info, is allowed'],
    // YAML
    ['test:\n\t- x', '2: a tab indents this line; blanks are allowed'],
    [
      'test: npm run a: b',
      '1: a second ": " on the line, or a wrong indentation below it; put a text with ": " in quotes',
    ],
    [
      'env:\n    A: a\n  B: b',
      '3: the indentation does not fit the lines above, or a [ or { is not closed; 2 blanks a level are allowed',
    ],
    ['test: "a', '1: a quote, bracket or colon is missing'],
    ['test: @x', '1: a text cannot begin with this character; put it in quotes'],
    ['test: "\\d"', '1: a \\ in double quotes that stands for nothing; single quotes take it as it is'],
    ['test: a\n}', '2: something stands here that belongs to nothing above; is the indentation or a bracket wrong?'],
    ['test: *x', '1: test: *x stands for another place; write out what is meant'],
    ['test: &x a', '1: test: &x names a place; write without it'],
    ['<<: { test: a }', '1: <<: maps are not merged here; write out what is meant'],
    ['test: !Ref x', '1: test: a tag (!…) changes what a value is; write the plain value'],
    ['test: a\n---\ntest: b', '2: a second document begins; one is allowed, without ---'],
    ['- test', `1: a list is no map; one with ${top} is allowed`],
    ['npm test', `1: "npm test" is no map; one with ${top} is allowed`],
    ['# a\ntest: \0', '2: a NUL character; text is allowed'],
    [`#${'x'.repeat(1_000_000)}`, '1: the file is larger than 1 MB; a file of settings has some lines'],
    ['a: 1\n'.repeat(10_000), '4001: the file goes on for too long; a file of settings has some lines'],
    [`test: ${'x'.repeat(40_000)}`, '1: a text of more than 32,000 characters; shorter ones are allowed'],
    // Files of others
    ['on: push\njobs: {}', `1: looks like a GitHub Actions workflow (on, jobs); ${like}`],
    ['services:\n  web:\n    image: x', `1: looks like a compose file (services); ${like}`],
    ['apiVersion: v1\nkind: Pod', `1: looks like a Kubernetes manifest (apiVersion, kind); ${like}`],
    ['unit:\n  script: npm test', `1: looks like a GitLab CI pipeline (unit); ${like}`],
    ['web: node main.js', `1: looks like a Procfile (web); ${like}`],
  ];
  test.each(mistakes.map(([text, message]) => [message, text] as const))('%s', (message, text) => {
    expect(told(text)).toEqual([`towpath.yaml:${message}`]);
  });
});
