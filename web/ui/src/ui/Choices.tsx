import { type ReactNode, useId } from 'react';
import { cx } from './cx';

/** One of a few, each with a sentence of what it means; what belongs only to the chosen one stands below it. */
export function Choices<T extends string>({
  label,
  field,
  value,
  onChange,
  options,
  error,
}: {
  label: string;
  field?: string;
  value: T;
  onChange: (value: T) => void;
  options: { id: T; label: string; detail: string; below?: ReactNode }[];
  error?: string | null;
}) {
  const name = useId();
  return (
    <fieldset className="min-w-0" data-field={field} aria-describedby={error ? `${name}-error` : undefined}>
      <legend className="mb-1.5 font-medium">{label}</legend>
      <div className="flex flex-col gap-1">
        {options.map((option) => {
          const chosen = option.id === value;
          return (
            <div
              key={option.id}
              className={cx('rounded-control border px-3 py-1.5', chosen ? 'border-edge bg-app' : 'border-transparent')}
            >
              <label className="flex min-h-6 cursor-pointer items-start gap-2.5">
                <input
                  type="radio"
                  name={name}
                  className="mt-0.5 size-4 shrink-0 accent-solid"
                  checked={chosen}
                  aria-describedby={`${name}-${option.id}`}
                  onChange={() => onChange(option.id)}
                />
                <span className="min-w-0">
                  <span className={chosen ? 'font-medium' : ''}>{option.label}</span>
                  <span id={`${name}-${option.id}`} className="block text-fg3 text-meta">
                    {option.detail}
                  </span>
                </span>
              </label>
              {chosen && option.below && <div className="mt-2 mb-1 ml-6.5">{option.below}</div>}
            </div>
          );
        })}
      </div>
      {error && (
        <p id={`${name}-error`} className="mt-1 text-failed text-meta">
          {error}
        </p>
      )}
    </fieldset>
  );
}
