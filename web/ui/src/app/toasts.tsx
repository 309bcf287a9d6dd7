import { CircleAlert, CircleCheck, Info, X } from 'lucide-react';
import { type ReactNode, useSyncExternalStore } from 'react';
import { useTranslations } from 'use-intl';
import { type Problem, problemOf } from '@/api/problem';
import { cx } from '@/ui/cx';

export type Toast = {
  id: number;
  tone: 'success' | 'error' | 'info';
  title: string;
  body?: ReactNode;
  action?: { label: string; onPress: () => void };
};
let toasts: Toast[] = [];
let nextId = 1;
const watchers = new Set<() => void>();
const tell = () => {
  for (const watcher of watchers) watcher();
};

export function dismissToast(id: number) {
  toasts = toasts.filter((toast) => toast.id !== id);
  tell();
}

export function showToast(toast: Omit<Toast, 'id'>) {
  const id = nextId++;
  toasts = [...toasts.slice(-3), { ...toast, id }];
  tell();
  // An error stays until it is read; the rest leaves by itself.
  if (toast.tone !== 'error') setTimeout(() => dismissToast(id), toast.action ? 10_000 : 6_000);
}

export function problemText(problem: Problem): string {
  return [problem.detail, problem.remedy].filter(Boolean).join(' ');
}
export function toastError(title: string, error: unknown) {
  showToast({ tone: 'error', title, body: problemText(problemOf(error)) });
}

export function Toasts() {
  const t = useTranslations('common');
  const shown = useSyncExternalStore(
    (watcher) => {
      watchers.add(watcher);
      return () => watchers.delete(watcher);
    },
    () => toasts,
  );
  return (
    <section
      aria-label={t('notifications')}
      className="pointer-events-none fixed right-4 bottom-4 z-50 flex w-96 max-w-[calc(100vw-2rem)] flex-col gap-2"
      data-react-aria-top-layer="true"
    >
      <div role="status" aria-live="polite" aria-relevant="additions" className="flex flex-col gap-2">
        {shown.map((toast) => {
          const Icon = { success: CircleCheck, error: CircleAlert, info: Info }[toast.tone];
          return (
            <div
              key={toast.id}
              className="pointer-events-auto flex animate-fade items-start gap-2.5 rounded-card border border-line bg-raised px-3 py-2.5 shadow-layer"
            >
              <Icon
                size={16}
                aria-hidden
                className={cx(
                  'mt-0.5 shrink-0',
                  { success: 'text-success', error: 'text-failed', info: 'text-accent' }[toast.tone],
                )}
              />
              <div className="min-w-0 flex-1">
                <p className="font-medium">{toast.title}</p>
                {toast.body && <div className="text-fg2">{toast.body}</div>}
                {toast.action && (
                  <button
                    type="button"
                    className="mt-1 min-h-6 font-medium text-accent hover:underline"
                    onClick={() => {
                      toast.action?.onPress();
                      dismissToast(toast.id);
                    }}
                  >
                    {toast.action.label}
                  </button>
                )}
              </div>
              <button
                type="button"
                aria-label={t('dismiss')}
                className="flex size-6 items-center justify-center rounded-chip text-fg3 hover:bg-hover"
                onClick={() => dismissToast(toast.id)}
              >
                <X size={14} aria-hidden />
              </button>
            </div>
          );
        })}
      </div>
    </section>
  );
}
