import { useEffect, useRef } from 'react';
import { getPreferences } from './preferences';

type Handlers = {
  palette: () => void;
  help: () => void;
  go: (to: '/schedules' | '/runs' | '/workflows' | '/system') => void;
  create: () => void;
};
const places = { s: '/schedules', r: '/runs', w: '/workflows', y: '/system' } as const;

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable ||
    (target instanceof HTMLInputElement && target.type !== 'checkbox' && target.type !== 'radio') ||
    target instanceof HTMLTextAreaElement);

/** Page-wide keys. Single keys are off while typing, in a dialog, and when the reader turned them off (WCAG 2.1.4). */
export function useShortcuts(handlers: Handlers) {
  const latest = useRef(handlers);
  useEffect(() => {
    latest.current = handlers;
  });
  useEffect(() => {
    let prefix = 0;
    const onKey = (event: KeyboardEvent) => {
      const key = event.key;
      if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === 'k') {
        event.preventDefault();
        latest.current.palette();
        return;
      }
      const blocked = event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target);
      if (
        blocked ||
        !getPreferences().shortcuts ||
        document.querySelector('[role=dialog],[role=alertdialog],[role=menu],[role=listbox]')
      )
        return;
      if (event.timeStamp - prefix < 1_200 && key in places) {
        prefix = 0;
        event.preventDefault();
        event.stopPropagation();
        latest.current.go(places[key as keyof typeof places]);
        return;
      }
      prefix = 0;
      if (key === 'g') prefix = event.timeStamp;
      else if (key === '?') latest.current.help();
      else if (key === 'n') latest.current.create();
      else if (key === '/') {
        const search = document.querySelector<HTMLInputElement>('main [data-search] input');
        if (search) {
          event.preventDefault();
          search.focus();
          search.select();
        }
      }
    };
    // Capture: "g r" must not also be the grid's "r".
    addEventListener('keydown', onKey, true);
    return () => removeEventListener('keydown', onKey, true);
  }, []);
}
