import { validateScheduleSearch } from '@schedules/filters';
import { SchedulesScreen } from '@schedules/SchedulesScreen';
import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from '@tanstack/react-router';
import { ProblemError } from '@/api/problem';
import { queryClient, sessionQuery } from '@/api/queries';
import { validateRunSearch } from '@/screens/run-filters';
import { validatePageSearch, validateSignInSearch, validateWorkflowSearch } from './addresses';
import { chunk } from './chunks';
import { NotFound, NowherePage, RouteError } from './RouteStates';
import { Shell } from './Shell';
import { SessionProvider } from './session';

const root = createRootRoute({ component: Outlet, notFoundComponent: NotFound });

const signIn = createRoute({
  getParentRoute: () => root,
  path: '/sign-in',
  validateSearch: validateSignInSearch,
  component: lazyRouteComponent(
    chunk(() => import('@/screens/SignIn')),
    'SignIn',
  ),
});

const hub = createRoute({
  getParentRoute: () => root,
  id: 'hub',
  beforeLoad: async ({ location }) => {
    try {
      return { session: await queryClient.ensureQueryData(sessionQuery) };
    } catch (cause) {
      if (cause instanceof ProblemError && cause.status === 401)
        throw redirect({ to: '/sign-in', search: { next: location.href } });
      throw cause;
    }
  },
  errorComponent: RouteError,
  component: function Hub() {
    const { session } = hub.useRouteContext();
    return (
      <SessionProvider value={session}>
        <Shell />
      </SessionProvider>
    );
  },
});

const index = createRoute({
  getParentRoute: () => hub,
  path: '/',
  beforeLoad: () => {
    throw redirect({ to: '/schedules' });
  },
});
const nowhere = createRoute({ getParentRoute: () => hub, path: '$', component: NowherePage });
const schedules = createRoute({
  getParentRoute: () => hub,
  path: '/schedules',
  validateSearch: validateScheduleSearch,
  component: SchedulesScreen,
});
const schedule = createRoute({
  getParentRoute: () => hub,
  path: '/schedules/$id',
  validateSearch: validatePageSearch,
  component: lazyRouteComponent(
    chunk(() => import('@schedules/ScheduleDetail')),
    'ScheduleDetail',
  ),
});
const runs = createRoute({
  getParentRoute: () => hub,
  path: '/runs',
  validateSearch: validateRunSearch,
  component: lazyRouteComponent(
    chunk(() => import('@/screens/Runs')),
    'Runs',
  ),
});
const run = createRoute({
  getParentRoute: () => hub,
  path: '/runs/$id',
  validateSearch: validatePageSearch,
  component: lazyRouteComponent(
    chunk(() => import('@/screens/RunDetail')),
    'RunDetail',
  ),
});
const workflows = createRoute({
  getParentRoute: () => hub,
  path: '/workflows',
  validateSearch: validateWorkflowSearch,
  component: lazyRouteComponent(
    chunk(() => import('@/screens/Workflows')),
    'Workflows',
  ),
});
const workflow = createRoute({
  getParentRoute: () => hub,
  path: '/workflows/$id',
  validateSearch: validatePageSearch,
  component: lazyRouteComponent(
    chunk(() => import('@/screens/WorkflowPage')),
    'WorkflowPage',
  ),
});
const system = createRoute({
  getParentRoute: () => hub,
  path: '/system',
  component: lazyRouteComponent(
    chunk(() => import('@/screens/System')),
    'System',
  ),
});

export const router = createRouter({
  routeTree: root.addChildren([
    signIn,
    hub.addChildren([nowhere, index, schedules, schedule, runs, run, workflows, workflow, system]),
  ]),
  defaultPreload: 'intent',
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultNotFoundComponent: NotFound,
  defaultErrorComponent: RouteError,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
