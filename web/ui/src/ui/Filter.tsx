import { ChevronDown, Search, X } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { cx } from './cx';

/*
 * Controls of the lists' toolbars. Plain elements: they are on the first screen, and a native select is light, types ahead and is at
 * home on a phone. Dialogs use the richer ones of Field.
 */
const box = 'h-8 w-full min-w-0 rounded-control border border-edge bg-surface text-fg outline-offset-0';

export function FilterSelect<T extends string>({
  label,
  value,
  any,
  options,
  onChange,
  className,
}: {
  label: string;
  value: T | undefined;
  any: string;
  options: { id: T; label: string }[];
  onChange: (value: T | undefined) => void;
  className?: string;
}) {
  return (
    <span className={cx('relative inline-block', className)}>
      <select
        aria-label={label}
        value={value ?? ''}
        onChange={(event) => onChange((event.target.value || undefined) as T | undefined)}
        className={cx(
          box,
          'cursor-pointer appearance-none truncate pr-7 pl-2.5',
          value && 'border-accent bg-accent-tint font-medium',
        )}
      >
        <option value="">{any}</option>
        {options.map((option) => (
          <option key={option.id} value={option.id}>
            {option.label}
          </option>
        ))}
      </select>
      <ChevronDown
        size={14}
        aria-hidden
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 right-2 text-fg3"
      />
    </span>
  );
}

export function SearchInput({
  label,
  value,
  onChange,
  clearLabel,
  className,
}: {
  label: string;
  value: string;
  onChange: (value: string) => void;
  clearLabel: string;
  className?: string;
}) {
  return (
    <span className={cx('relative inline-block', className)}>
      <Search
        size={14}
        aria-hidden
        className="-translate-y-1/2 pointer-events-none absolute top-1/2 left-2.5 text-fg3"
      />
      <input
        aria-label={label}
        placeholder={label}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape' && value) {
            event.preventDefault();
            onChange('');
          }
        }}
        className={cx(box, 'px-8')}
      />
      {value && (
        <button
          type="button"
          aria-label={clearLabel}
          className="-translate-y-1/2 absolute top-1/2 right-1 flex size-6 items-center justify-center rounded-chip text-fg3 hover:bg-hover"
          onClick={() => onChange('')}
        >
          <X size={14} aria-hidden />
        </button>
      )}
    </span>
  );
}

/** Text that goes into the address a moment after the last key, and follows the address when it changes by itself. */
export function useTypedFilter(value: string | undefined, commit: (value: string | undefined) => void) {
  const [text, setText] = useState(value ?? '');
  const sent = useRef(value ?? '');
  const latest = useRef(commit);
  useEffect(() => {
    latest.current = commit;
  });
  useEffect(() => {
    if ((value ?? '') !== sent.current) {
      sent.current = value ?? '';
      setText(value ?? '');
    }
  }, [value]);
  useEffect(() => {
    if (text === sent.current) return;
    const timer = setTimeout(() => {
      sent.current = text;
      latest.current(text || undefined);
    }, 180);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText] as const;
}
