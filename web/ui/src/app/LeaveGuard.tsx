import { useBlocker } from '@tanstack/react-router';
import { type ReactNode, useCallback, useRef, useState } from 'react';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';

type Words = { title: string; consequence: string; keep: string; discard: string };

/**
 * Asks before unsaved input is thrown away, however its layer is left: its own buttons, Escape, the browser's Back, a link;
 * for another site or a closed tab the browser asks in its own words. `onLeave` closes the layer.
 */
export function useLeaveGuard(
  dirty: boolean,
  onLeave: () => void,
  words: Words,
): { close: () => void; leave: () => void; question: ReactNode } {
  const [asking, setAsking] = useState(false);
  // Closing the layer changes the address, which must not be asked about again.
  const leaving = useRef(false);
  const shouldBlockFn = useCallback(() => !leaving.current, []);
  const blocker = useBlocker({ shouldBlockFn, disabled: !dirty, enableBeforeUnload: dirty, withResolver: true });
  const leave = () => {
    leaving.current = true;
    onLeave();
  };
  const keep = () => {
    setAsking(false);
    blocker.reset?.();
  };
  const discard = () => (blocker.status === 'blocked' ? blocker.proceed() : leave());
  return {
    close: () => (dirty ? setAsking(true) : leave()),
    leave,
    question: (
      <Layer
        isOpen={asking || blocker.status === 'blocked'}
        onClose={keep}
        role="alertdialog"
        title={words.title}
        footer={
          <>
            <Button onPress={keep}>{words.keep}</Button>
            <Button tone="danger" onPress={discard}>
              {words.discard}
            </Button>
          </>
        }
      >
        <p className="p-5 text-fg2">{words.consequence}</p>
      </Layer>
    ),
  };
}
