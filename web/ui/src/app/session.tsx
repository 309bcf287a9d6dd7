import { createContext, useContext } from 'react';
import type { Schemas } from '@/api/client';

export type Session = Schemas['Session'];
const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error('useSession outside of a signed-in page');
  return session;
}

/** What the server lets this actor do; the server refuses the rest anyway, this only hides dead ends. */
export type Permission =
  | 'alerts.view'
  | 'alerts.manage'
  | 'schedules.manage'
  | 'workflows.manage'
  | 'workflows.publish'
  | 'runs.start'
  | 'runs.manage'
  | 'maintenance.manage'
  | 'secrets.use'
  | 'secrets.manage'
  | 'redaction.manage'
  | 'tenant.manage';

export function allows(permissions: readonly string[], wanted: Permission): boolean {
  return permissions.includes(wanted) || permissions.includes('*');
}
export const useCan = (wanted: Permission) => allows(useSession().permissions, wanted);
