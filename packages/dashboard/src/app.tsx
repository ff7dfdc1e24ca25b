import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Route, Switch } from 'wouter';
import { queries } from './live/queries.ts';
import { Waiting } from './parts/page.tsx';
import { Board } from './rooms/board.tsx';
import { Nowhere } from './rooms/nowhere.tsx';
import { Shell } from './shell/shell.tsx';
import { theme } from './style/theme.ts';

const Run = lazy(() => import('./rooms/run/run.tsx').then(({ RunRoom }) => ({ default: RunRoom })));
const Service = lazy(() => import('./rooms/service.tsx').then((room) => ({ default: room.ServiceRoom })));
const Releases = lazy(() => import('./rooms/releases.tsx').then((room) => ({ default: room.ReleasesRoom })));
const Runs = lazy(() => import('./rooms/runs.tsx').then((room) => ({ default: room.Runs })));
const Approvals = lazy(() => import('./rooms/approvals.tsx').then((room) => ({ default: room.Approvals })));
const Activity = lazy(() => import('./rooms/activity.tsx').then((room) => ({ default: room.Activity })));
const Logs = lazy(() => import('./rooms/logs.tsx').then((room) => ({ default: room.LogsRoom })));
const Jobs = lazy(() => import('./rooms/jobs.tsx').then((room) => ({ default: room.Jobs })));
const Job = lazy(() => import('./rooms/job.tsx').then((room) => ({ default: room.JobRoom })));
const System = lazy(() => import('./rooms/system.tsx').then((room) => ({ default: room.System })));

const schemes = localStorageColorSchemeManager({ key: 'towpath-scheme' });

/** Mantine's variables come from style/tokens.css: the page's policy allows no style that is written into it. */
export const App = () => (
  <MantineProvider
    theme={theme}
    defaultColorScheme="auto"
    colorSchemeManager={schemes}
    withCssVariables={false}
    withGlobalClasses={false}
  >
    <QueryClientProvider client={queries}>
      <Shell>
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/" component={Board} />
            <Route path="/login" component={Board} />
            <Route path="/approvals" component={Approvals} />
            <Route path="/runs" component={Runs} />
            <Route path="/runs/:run">{({ run }) => <Run key={run} run={Number(run)} />}</Route>
            <Route path="/services/:project/:service">
              {({ project, service }) => <Service key={`${project}/${service}`} project={project} name={service} />}
            </Route>
            <Route path="/services/:project/:service/releases/:environment">
              {({ project, service, environment }) => (
                <Releases
                  key={`${project}/${service}/${environment}`}
                  project={project}
                  name={service}
                  environment={environment}
                />
              )}
            </Route>
            <Route path="/services/:project/:service/logs/:environment">
              {({ project, service, environment }) => (
                <Logs
                  key={`${project}/${service}/${environment}`}
                  project={project}
                  name={service}
                  environment={environment}
                />
              )}
            </Route>
            <Route path="/activity" component={Activity} />
            <Route path="/jobs" component={Jobs} />
            <Route path="/jobs/:job">{({ job }) => <Job key={job} job={Number(job)} />}</Route>
            <Route path="/system" component={System} />
            <Route component={Nowhere} />
          </Switch>
        </Suspense>
      </Shell>
    </QueryClientProvider>
  </MantineProvider>
);
