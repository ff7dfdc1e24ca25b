/** Files that other tools take: images, stacks, apps of a cloud. What they say counts as evidence; what they do is done elsewhere. */
import { z } from 'zod';
import { type FileView, firstOf, glance } from './files.ts';
import { type Found, listed, type Notice } from './found.ts';
import { healthOfCommand } from './listening.ts';
import { evidence, readJson, readYaml } from './parse.ts';

export interface Other {
  /** What the whole is, where nothing else was recognised: `Docker image`. */
  readonly kind: Found | null;
  readonly health: Found | null;
  readonly notices: readonly Notice[];
  /** Asked where nothing to start was found. */
  readonly ask: string | null;
}

type Reading = (files: FileView) => Other | null;

const dockerfile: Reading = (files) => {
  const path = firstOf(files, ['Dockerfile', 'Containerfile']);
  if (path === null) return null;
  const text = (glance(files, path) ?? '').replace(/\\\r?\n/g, ' ');
  const check = /^[ \t]*HEALTHCHECK\b([^\n]{1,2000})/im.exec(text)?.[1];
  const health = check === undefined ? null : healthOfCommand(check);
  const port = /^[ \t]*EXPOSE\s+(\d{2,5})/im.exec(text)?.[1];
  const starts = [...text.matchAll(/^[ \t]*(?:CMD|ENTRYPOINT)\s+([^\n]{1,300})/gim)].at(-1)?.[1]?.trim();
  return {
    kind: { value: 'Docker image', origin: path },
    health: health === null ? null : { value: health, origin: `${path}, HEALTHCHECK` },
    notices: [
      {
        text: `An image build takes the ${path} once a container platform is set up; here the service runs by its own commands`,
        origin: path,
        help: `Nothing to do${port === undefined ? '' : `; its port ${port} means nothing here, the service listens on $PORT`}.`,
      },
    ],
    ask: `Which command starts the service? Only a ${path} was found, and no container platform is set up${starts === undefined ? '' : `; the image starts ${starts}`}`,
  };
};

const Compose = z.object({
  services: z.record(
    z.string(),
    z
      .object({
        image: z.string().optional().catch(undefined),
        build: z.unknown().optional(),
        healthcheck: z.object({ test: z.unknown().optional() }).optional().catch(undefined),
      })
      .nullable(),
  ),
});
const composeFiles = ['compose.yaml', 'compose.yml', 'docker-compose.yaml', 'docker-compose.yml'];

const compose: Reading = (files) => {
  const path = firstOf(files, composeFiles);
  if (path === null) return null;
  const services = Object.entries(evidence(readYaml, files, path, Compose)?.services ?? {}).slice(0, 50);
  const own = services.filter(([, each]) => each?.build !== undefined);
  const besides = services.filter(([, each]) => each?.build === undefined);
  const [check] = own.flatMap(([, each]) => healthOfCommand(JSON.stringify(each?.healthcheck?.test ?? '') ?? '') ?? []);
  const named = besides.map(([name, each]) =>
    each?.image === undefined ? name : `${name} (${each.image.slice(0, 100)})`,
  );
  return {
    kind: { value: 'Compose stack', origin: path },
    health: check === undefined ? null : { value: check, origin: `${path}, healthcheck` },
    notices: [
      {
        text:
          named.length === 0
            ? `${path} is not used`
            : `${path} runs ${listed(named)} beside the service; Towpath does not start them`,
        origin: path,
        help: 'Run them yourself and tell the service where they are, by its environment variables.',
      },
    ],
    ask: `Which command starts the service? Only a ${path} was found${own.length === 0 ? '' : `, which builds ${listed(own.map(([name]) => name))}`}`,
  };
};

interface CloudApp {
  readonly name: string;
  readonly files: readonly string[];
  readonly text: RegExp;
  readonly taken: string;
}

const cloudApps: readonly CloudApp[] = [
  { name: 'AWS CDK app', files: ['cdk.json'], text: /"app"\s*:/, taken: 'a platform that deploys CDK apps' },
  {
    name: 'AWS SAM app',
    files: ['template.yaml', 'template.yml', 'template.json'],
    text: /AWS::Serverless/,
    taken: 'the AWS Lambda platform',
  },
  {
    name: 'Serverless Framework app',
    files: ['serverless.yml', 'serverless.yaml', 'serverless.ts', 'serverless.json'],
    text: /\b(provider|functions)\b/,
    taken: 'the AWS Lambda platform',
  },
  { name: 'SST app', files: ['sst.config.ts', 'sst.json'], text: /./, taken: 'a platform that deploys SST apps' },
];

const cloud: readonly Reading[] = cloudApps.map(
  (app): Reading =>
    (files) => {
      const path = app.files.find((each) => app.text.test(glance(files, each) ?? ''));
      if (path === undefined) return null;
      return {
        kind: { value: app.name, origin: path },
        health: null,
        notices: [
          {
            text: `${app.name}: ${app.taken} takes it once it is set up; until then only its checks and tests run`,
            origin: path,
            help: 'Deploy it as before meanwhile.',
          },
        ],
        ask: `Which command starts the service? By itself the ${app.name} starts nothing here; ${app.taken} takes it once it is set up`,
      };
    },
);

const AppJson = z.object({
  scripts: z.record(z.string(), z.string()).optional().catch(undefined),
  env: z.record(z.string(), z.unknown()).optional().catch(undefined),
  healthchecks: z
    .record(z.string(), z.array(z.object({ path: z.string().optional() })))
    .optional()
    .catch(undefined),
});

/** app.json of Heroku, with the health checks that Dokku adds. */
const appJson: Reading = (files) => {
  const found = evidence(readJson, files, 'app.json', AppJson);
  if (found === null) return null;
  const after = found.scripts?.postdeploy;
  const health = found.healthchecks?.web?.find((each) => each.path?.startsWith('/'))?.path;
  const notice: Notice = {
    text: 'The script "postdeploy" of app.json runs once when an app is made, not for each release: it is not run',
    origin: 'app.json, script "postdeploy"',
    help: `If it must run for each release: \`release: ${after?.slice(0, 200)}\` in the Procfile.`,
  };
  return {
    kind: null,
    health: health === undefined ? null : { value: health, origin: 'app.json, "healthchecks.web"' },
    notices: after === undefined ? [] : [notice],
    ask: null,
  };
};

/** In the order of what they say about the whole. */
export const others: readonly Reading[] = [appJson, ...cloud, dockerfile, compose];
