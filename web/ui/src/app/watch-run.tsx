import { useNavigate } from '@tanstack/react-router';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { onStreamEvent } from '@/api/stream';
import { showToast } from './toasts';

const FINAL = new Set(['succeeded', 'failed', 'timed_out', 'cancelled']);

/** Says when a run somebody started by hand has ended (aria-live, through the toast). */
export function useRunWatch() {
  const t = useTranslations('status.run');
  const r = useTranslations('runs');
  const navigate = useNavigate();
  return (runId: string, name: string) => {
    let told = false;
    const tell = (state: string) => {
      if (told || !FINAL.has(state)) return;
      told = true;
      stop();
      showToast({
        tone: state === 'succeeded' ? 'success' : 'error',
        title: r('ended', { name, state: t(state as 'succeeded') }),
        action: { label: r('open'), onPress: () => void navigate({ to: '/runs/$id', params: { id: runId } }) },
      });
    };
    const stop = onStreamEvent((event) => {
      if (event.topic === 'runs' && event.id === runId && typeof event.patch.state === 'string')
        tell(event.patch.state);
    });
    // It may have ended before this page listened.
    void take(api.GET('/api/v1/runs/{id}', { params: { path: { id: runId } } })).then(
      (run) => tell(run.state),
      () => undefined,
    );
  };
}
