import { Component, type ComponentType, lazy, type ReactNode, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { ErrorPanel } from '@/ui/States';
import { chunk, reachable } from './chunks';

/** A layer whose script is loaded when it is first opened. */
class LaterPart<Props> {
  private readonly load: () => Promise<{ default: ComponentType<Props> }>;
  component: ComponentType<Props>;
  constructor(load: () => Promise<{ default: ComponentType<Props> }>) {
    this.load = chunk(load);
    this.component = lazy(this.load) as ComponentType<Props>;
  }
  /** What failed stays failed; this asks anew. */
  renew() {
    this.component = lazy(this.load) as ComponentType<Props>;
  }
}
export const laterPart = <Props,>(load: () => Promise<{ default: ComponentType<Props> }>) => new LaterPart(load);

/**
 * Shows a layer that is loaded later. Where its script cannot be had, the page behind stays as it is: a dialog says so, can be
 * closed, and asks for the script anew.
 */
export function Later<Props extends { onClose: () => void }>({ part, ...rest }: Props & { part: LaterPart<Props> }) {
  const props = rest as unknown as Props;
  const [attempt, setAttempt] = useState(0);
  const retry = async () => {
    // A browser may remember that a script could not be had: the page begun anew, at the same address, does not.
    if (attempt > 0 && (await reachable())) return location.reload();
    part.renew();
    setAttempt(attempt + 1);
  };
  // Opened again, it is asked for again.
  const giveUp = () => {
    part.renew();
    props.onClose();
  };
  const Shown = part.component;
  return (
    <Boundary
      key={attempt}
      fallback={(error) => <Failed error={error} onRetry={() => void retry()} onClose={giveUp} />}
    >
      <Suspense>
        <Shown {...props} />
      </Suspense>
    </Boundary>
  );
}

/** The browser's own dialog: this must not need a script that may be missing, nor weigh on every page. */
function Failed({ error, onRetry, onClose }: { error: unknown; onRetry: () => void; onClose: () => void }) {
  const t = useTranslations('common');
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    if (!dialog.current?.open) dialog.current?.showModal();
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-label={t('partMissing')}
      className="m-auto w-full max-w-lg rounded-dialog border border-line bg-surface text-fg shadow-layer backdrop:bg-scrim"
      onClose={onClose}
    >
      <ErrorPanel error={error} title={t('partMissing')} onRetry={onRetry} className="pb-4" />
      <p className="pb-6 text-center">
        <button type="button" className="min-h-6 text-accent hover:underline" onClick={onClose}>
          {t('close')}
        </button>
      </p>
    </dialog>
  );
}

type Fate = { failed: { error: unknown } | null };
class Boundary extends Component<{ fallback: (error: unknown) => ReactNode; children: ReactNode }, Fate> {
  override state: Fate = { failed: null };
  static getDerivedStateFromError(error: unknown): Fate {
    return { failed: { error } };
  }
  override render() {
    return this.state.failed ? this.props.fallback(this.state.failed.error) : this.props.children;
  }
}
