import { afterEach, beforeEach, expect, test } from 'vitest';
import { getProject, listProjects, updateProject } from './projects.ts';
import { showPath } from './show-path.ts';
import { ada, bob, World } from './testing/world.ts';

let world: World;

beforeEach(async () => {
  world = await World.open();
  await world.service('api', { build: 'make' });
  await world.service('web', {}, 'site');
});

afterEach(async () => {
  await world.close();
});

const update = (patch: object, actor = ada) => updateProject(world.house, actor, { project: 'shop', patch });

test('projects are listed with what is in them', async () => {
  const { projects } = await listProjects(world.house, ada, undefined);
  expect(projects).toEqual([
    { name: 'shop', settings: {}, services: ['api'], environments: ['staging', 'production'] },
    { name: 'site', settings: {}, services: ['web'], environments: ['staging', 'production'] },
  ]);
});

test('what is changed holds for the services that do not say otherwise, and is in the audit', async () => {
  await update({ test: 'make test', build: 'make all', environments: { staging: { replicas: 2 } } });
  expect(await world.events()).toContain('project.changed by ada');
  world.commit('first');
  const { settings, differs } = await showPath(world.house, ada, { service: 'api' });
  expect(settings).toContainEqual({ path: 'test', value: 'make test', origin: 'project shop' });
  expect(settings).toContainEqual({ path: 'build', value: 'make', origin: 'service settings' });
  expect(differs).toEqual([
    { environment: 'staging', settings: [{ path: 'replicas', value: 2, origin: 'project shop for staging' }] },
  ]);
  expect((await update({ test: null, environments: null })).settings).toEqual({ build: 'make all' });
  expect((await getProject(world.house, ada, { project: 'site' })).settings).toEqual({});
});

test('two people change different settings at once: both changes stay', async () => {
  await Promise.all([update({ test: 'make test' }), update({ quality: 'make lint' }, bob), update({ replicas: 2 })]);
  expect((await update({ build: 'make' })).settings).toEqual({
    test: 'make test',
    quality: 'make lint',
    replicas: 2,
    build: 'make',
  });
});

test.each([
  [{ branch: 'trunk' }, 'settings.branch: belongs to each service'],
  [{ folder: 'api' }, 'settings.folder: belongs to each service'],
  [{ replicas: 'three' }, 'settings.replicas: '],
  [{ tset: 'x' }, 'settings.tset: '],
])('what a project cannot hold changes nothing: %j', async (patch, message) => {
  await expect(update(patch)).rejects.toMatchObject({
    code: 'bad_request',
    message: expect.stringContaining(message),
  });
  expect(await world.events()).not.toContain('project.changed by ada');
});

test('a project that is not there names those that are', async () => {
  await expect(getProject(world.house, ada, { project: 'nope' })).rejects.toMatchObject({
    code: 'unknown_project',
    message: 'there is no project "nope"; there are shop, site',
  });
});
