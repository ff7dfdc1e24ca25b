/** Frameworks whose build and start are known. Where they put things: their own documentation of deployment. */
import { z } from 'zod';
import { type FileView, firstOf, glance, namesIn } from '../files.ts';
import { evidence, readJson } from '../parse.ts';
import type { NodePackage } from './package.ts';

/** What is served after the build, relative to the service's folder. */
export type Output =
  | { readonly kind: 'static'; readonly folder: string; readonly origin: string }
  /** A file for Node. */
  | { readonly kind: 'file'; readonly file: string; readonly origin: string }
  /** A program of a dependency, with its arguments. */
  | { readonly kind: 'program'; readonly line: string; readonly origin: string }
  /** Its adapter decides, and none that runs here is set up: what to do. */
  | { readonly kind: 'none'; readonly help: string; readonly origin: string };

export interface Framework {
  readonly name: string;
  readonly dependency: string;
  /** Its build, for packages without such a script. */
  readonly build: string;
  /** Types can be checked only after its build, which checks them itself. */
  readonly ownTypes?: true;
  readonly output: (files: FileView, own: NodePackage) => Output;
}

/** The settings that a framework reads, whatever the ending of the file. */
function config(files: FileView, name: string): { path: string; text: string } | null {
  const path = firstOf(
    files,
    ['ts', 'mts', 'js', 'mjs', 'cjs'].map((ending) => `${name}.${ending}`),
  );
  return path === null ? null : { path, text: glance(files, path) ?? '' };
}

/** A folder below that a settings file names, or the framework's default. */
function folderIn(text: string | undefined, setting: string, otherwise: string): string {
  const found = new RegExp(`\\b${setting}\\s*:\\s*['"\`]([\\w./-]{1,200})['"\`]`).exec(text ?? '')?.[1];
  const folder = found?.replace(/^\.\//, '').replace(/\/$/, '');
  return folder === undefined || folder === '' || folder.startsWith('/') || folder.split('/').includes('..')
    ? otherwise
    : folder;
}

/** Always this folder. */
function always(folder: string): Framework['output'] {
  return (_, own) => ({ kind: 'static', folder, origin: builtBy(own) });
}

/** A folder that the settings may move. */
function folder(name: string, setting: string, otherwise: string): Framework['output'] {
  return (files, own) => {
    const found = config(files, name);
    const at = folderIn(found?.text, setting, otherwise);
    return { kind: 'static', folder: at, origin: found?.path ?? builtBy(own) };
  };
}

function builtBy(own: NodePackage): string {
  return own.script('build') === null ? 'package.json' : 'package.json, script "build"';
}

const AngularWorkspace = z.object({
  projects: z.record(
    z.string(),
    z.object({
      architect: z
        .object({ build: z.object({ builder: z.string(), options: z.record(z.string(), z.unknown()).default({}) }) })
        .optional(),
    }),
  ),
});

function angular(files: FileView): Output {
  const [name, project] =
    Object.entries(evidence(readJson, files, 'angular.json', AngularWorkspace)?.projects ?? {})[0] ?? [];
  const { builder, options } = project?.architect?.build ?? { builder: '', options: {} };
  const given = typeof options.outputPath === 'string' ? options.outputPath : `dist/${name ?? 'app'}`;
  // The builder of Angular 17 and later keeps the browser's files in a folder of their own.
  const folder = /:application$/.test(builder) ? `${given}/browser` : given;
  if (options.ssr !== undefined && options.ssr !== false) {
    return { kind: 'file', file: `${given}/server/server.mjs`, origin: 'angular.json, "ssr"' };
  }
  return { kind: 'static', folder, origin: 'angular.json' };
}

/** The first whose dependency is there; those that build on others (most on Vite) come before them. */
const frameworks: readonly Framework[] = [
  {
    name: 'Next.js',
    dependency: 'next',
    build: 'next build',
    ownTypes: true,
    output: (files) => {
      const found = config(files, 'next.config');
      if (found !== null && /\boutput\s*:\s*['"`]export['"`]/.test(found.text)) {
        return {
          kind: 'static',
          folder: folderIn(found.text, 'distDir', 'out'),
          origin: `${found.path}, output "export"`,
        };
      }
      return { kind: 'program', line: 'next start', origin: 'package.json, dependency "next"' };
    },
  },
  {
    name: 'Nuxt',
    dependency: 'nuxt',
    build: 'nuxt build',
    ownTypes: true,
    output: (_, own) =>
      /\bgenerate\b/.test(own.script('build') ?? '')
        ? { kind: 'static', folder: '.output/public', origin: 'package.json, script "build"' }
        : { kind: 'file', file: '.output/server/index.mjs', origin: 'package.json, dependency "nuxt"' },
  },
  {
    name: 'SvelteKit',
    dependency: '@sveltejs/kit',
    build: 'vite build',
    ownTypes: true,
    output: (files, own) => {
      const text = config(files, 'svelte.config')?.text;
      if (own.dependsOn('@sveltejs/adapter-node')) {
        const origin = 'package.json, dependency "@sveltejs/adapter-node"';
        return { kind: 'file', file: `${folderIn(text, 'out', 'build')}/index.js`, origin };
      }
      if (own.dependsOn('@sveltejs/adapter-static')) {
        const origin = 'package.json, dependency "@sveltejs/adapter-static"';
        return { kind: 'static', folder: folderIn(text, 'pages', 'build'), origin };
      }
      const help = 'Install @sveltejs/adapter-node and name it in svelte.config.js; or @sveltejs/adapter-static.';
      return { kind: 'none', help, origin: 'package.json, no adapter of SvelteKit that runs here' };
    },
  },
  {
    name: 'Astro',
    dependency: 'astro',
    build: 'astro build',
    ownTypes: true,
    output: (files, own) => {
      const found = config(files, 'astro.config');
      const out = folderIn(found?.text, 'outDir', 'dist');
      return own.dependsOn('@astrojs/node')
        ? { kind: 'file', file: `${out}/server/entry.mjs`, origin: 'package.json, dependency "@astrojs/node"' }
        : { kind: 'static', folder: out, origin: found?.path ?? builtBy(own) };
    },
  },
  {
    name: 'React Router',
    dependency: '@react-router/dev',
    build: 'react-router build',
    ownTypes: true,
    output: (files) => {
      const found = config(files, 'react-router.config');
      return /\bssr\s*:\s*false\b/.test(found?.text ?? '')
        ? { kind: 'static', folder: 'build/client', origin: `${found?.path}, ssr false` }
        : {
            kind: 'program',
            line: 'react-router-serve ./build/server/index.js',
            origin: 'package.json, dependency "@react-router/dev"',
          };
    },
  },
  {
    name: 'Remix',
    dependency: '@remix-run/dev',
    build: 'remix vite:build',
    output: () => ({
      kind: 'program',
      line: 'remix-serve ./build/server/index.js',
      origin: 'package.json, dependency "@remix-run/dev"',
    }),
  },
  {
    name: 'NestJS',
    dependency: '@nestjs/core',
    build: 'nest build',
    output: () => ({ kind: 'file', file: 'dist/main.js', origin: 'package.json, dependency "@nestjs/core"' }),
  },
  { name: 'Angular', dependency: '@angular/core', build: 'ng build', output: angular },
  { name: 'Gatsby', dependency: 'gatsby', build: 'gatsby build', output: always('public') },
  { name: 'Docusaurus', dependency: '@docusaurus/core', build: 'docusaurus build', output: always('build') },
  {
    name: 'Eleventy',
    dependency: '@11ty/eleventy',
    build: 'eleventy',
    output: (files, own) => {
      const path = namesIn(files, '.', /^(\.eleventy|eleventy\.config)\.[cm]?[jt]s$/)[0];
      const text = path === undefined ? undefined : (glance(files, path) ?? undefined);
      return { kind: 'static', folder: folderIn(text, 'output', '_site'), origin: path ?? builtBy(own) };
    },
  },
  {
    name: 'VitePress',
    dependency: 'vitepress',
    build: 'vitepress build',
    output: (files, own) => {
      const root = files.list('docs/.vitepress').length > 0 ? 'docs/' : '';
      return { kind: 'static', folder: `${root}.vitepress/dist`, origin: builtBy(own) };
    },
  },
  { name: 'Create React App', dependency: 'react-scripts', build: 'react-scripts build', output: always('build') },
  {
    name: 'Vue CLI',
    dependency: '@vue/cli-service',
    build: 'vue-cli-service build',
    output: folder('vue.config', 'outputDir', 'dist'),
  },
  { name: 'Vite', dependency: 'vite', build: 'vite build', output: folder('vite.config', 'outDir', 'dist') },
  { name: 'Parcel', dependency: 'parcel', build: 'parcel build', output: always('dist') },
];

/** The framework of the package. Vite and Parcel also build parts of servers: they count only where there is a page to build. */
export function frameworkOf(files: FileView, own: NodePackage): Framework | null {
  const found = frameworks.find((each) => own.dependsOn(each.dependency));
  if (found === undefined) return null;
  const bundler = found.name === 'Vite' || found.name === 'Parcel';
  if (!bundler) return found;
  const page = firstOf(files, ['index.html', 'src/index.html']) !== null;
  return page ? found : null;
}
