import { ChevronDown } from 'lucide-react';
import type { ReactNode, Ref } from 'react';
import { Button } from 'react-aria-components/Button';
import { ComboBox } from 'react-aria-components/ComboBox';
import { FieldError } from 'react-aria-components/FieldError';
import { Input } from 'react-aria-components/Input';
import { Label } from 'react-aria-components/Label';
import { ListBox, ListBoxItem } from 'react-aria-components/ListBox';
import { Popover } from 'react-aria-components/Popover';
import { Select, SelectValue } from 'react-aria-components/Select';
import { Text } from 'react-aria-components/Text';
import { TextArea } from 'react-aria-components/TextArea';
import { TextField } from 'react-aria-components/TextField';
import { cx } from './cx';

export const controlClass =
  'h-8 w-full min-w-0 rounded-control border border-edge bg-surface px-2.5 text-fg outline-offset-0 invalid:border-failed';
export const labelClass = 'mb-1 flex items-baseline gap-1 font-medium text-fg';
const hintClass = 'mt-1 block text-fg3 text-meta';
const errorClass = 'mt-1 block text-failed text-meta';
export const layerClass = 'rounded-card border border-line bg-raised shadow-layer entering:animate-fade outline-none';
export const itemClass =
  'flex min-h-8 cursor-pointer items-center gap-2 rounded-control px-2 py-1 text-fg outline-none focus:bg-hover selected:font-medium selected:text-accent disabled:cursor-default disabled:text-fg3';

type Common = {
  label: string;
  hideLabel?: boolean;
  required?: boolean;
  hint?: ReactNode;
  error?: string | null;
  className?: string;
  /** Where the server's field pointers find this control. */
  field?: string;
  /** Where pointers into an edited value find this control. */
  pointer?: string;
};

function Caption({ label, required, hide }: { label: string; required?: boolean; hide?: boolean }) {
  return (
    <Label className={hide ? 'sr-only' : labelClass}>
      {label}
      {required && (
        <span className="text-failed" aria-hidden>
          *
        </span>
      )}
    </Label>
  );
}

function Below({ hint, error }: { hint?: ReactNode; error?: string | null }) {
  return (
    <>
      {hint && !error && (
        <Text slot="description" className={hintClass}>
          {hint}
        </Text>
      )}
      <FieldError className={errorClass}>{error}</FieldError>
    </>
  );
}

export function TextInput({
  label,
  hideLabel,
  required,
  hint,
  error,
  className,
  field,
  pointer,
  value,
  onChange,
  type = 'text',
  mono,
  multiline,
  autoComplete,
  autoFocus,
  inputMode,
  placeholder,
  min,
  max,
  step,
  onBlur,
  inputRef,
}: Common & {
  value: string;
  onChange: (value: string) => void;
  type?: 'text' | 'email' | 'password' | 'datetime-local' | 'number' | 'time';
  mono?: boolean;
  multiline?: boolean;
  autoComplete?: string;
  autoFocus?: boolean;
  inputMode?: 'numeric' | 'text';
  placeholder?: string;
  min?: number;
  max?: number;
  step?: number;
  onBlur?: () => void;
  inputRef?: Ref<HTMLInputElement>;
}) {
  return (
    <TextField
      value={value}
      onChange={onChange}
      isRequired={required}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      type={type as 'text'}
      autoComplete={autoComplete}
      autoFocus={autoFocus}
      inputMode={inputMode}
      onBlur={onBlur}
      className={className}
      data-field={field}
      data-pointer={pointer}
    >
      <Caption label={label} required={required} hide={hideLabel} />
      {multiline ? (
        <TextArea rows={2} placeholder={placeholder} className={cx(controlClass, 'h-auto py-1.5')} />
      ) : (
        <Input
          ref={inputRef}
          placeholder={placeholder}
          min={min}
          max={max}
          step={step}
          className={cx(controlClass, mono && 'font-mono text-code')}
        />
      )}
      <Below hint={hint} error={error} />
    </TextField>
  );
}

export type Option<T extends string = string> = {
  id: T;
  label: string;
  detail?: string;
  icon?: ReactNode;
  disabled?: boolean;
};

export function SelectInput<T extends string>({
  label,
  hideLabel,
  required,
  hint,
  error,
  className,
  field,
  pointer,
  value,
  onChange,
  options,
  placeholder,
  size = 'md',
}: Common & {
  value: T | null;
  onChange: (value: T) => void;
  options: Option<T>[];
  placeholder?: string;
  size?: 'md' | 'sm';
}) {
  return (
    <Select
      value={value}
      onChange={(key) => onChange(key as T)}
      isRequired={required}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      placeholder={placeholder}
      className={className}
      data-field={field}
      data-pointer={pointer}
    >
      <Caption label={label} required={required} hide={hideLabel} />
      <Button className={cx(controlClass, 'flex items-center gap-2 text-left', size === 'sm' && 'h-7 text-meta')}>
        <SelectValue className="flex-1 truncate placeholder-shown:text-fg3">
          {({ selectedItems, defaultChildren }) => {
            const item = selectedItems[0] as Option<T> | undefined;
            return item ? (
              <span className="flex items-center gap-1.5">
                {item.icon}
                <span className="truncate">{item.label}</span>
              </span>
            ) : (
              defaultChildren
            );
          }}
        </SelectValue>
        <ChevronDown size={14} className="shrink-0 text-fg3" aria-hidden />
      </Button>
      <Below hint={hint} error={error} />
      <Popover className={cx(layerClass, 'min-w-(--trigger-width) max-w-sm')} offset={4}>
        <ListBox
          items={options}
          className="scroll-thin max-h-80 overflow-auto p-1 outline-none"
          disabledKeys={options.filter((o) => o.disabled).map((o) => o.id)}
        >
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={itemClass}>
              {option.icon}
              <span className="min-w-0 flex-1">
                <span className="block truncate">{option.label}</span>
                {option.detail && <span className="block text-fg3 text-meta">{option.detail}</span>}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

/** A long list found by typing. Options that cannot be chosen stay listed, with their reason as detail. */
export function ComboInput({
  label,
  hideLabel,
  required,
  hint,
  error,
  className,
  field,
  value,
  onChange,
  options,
  placeholder,
  inputValue,
  onInputChange,
  emptyText,
  openLabel,
}: Common & {
  value: string | null;
  onChange: (value: string | null) => void;
  options: Option[];
  placeholder?: string;
  inputValue?: string;
  onInputChange?: (value: string) => void;
  emptyText: string;
  openLabel: string;
}) {
  return (
    <ComboBox
      items={undefined}
      defaultItems={onInputChange ? undefined : options}
      {...(onInputChange ? { items: options } : {})}
      value={value}
      onChange={(key) => onChange(key as string | null)}
      inputValue={inputValue}
      onInputChange={onInputChange}
      menuTrigger="focus"
      isRequired={required}
      isInvalid={Boolean(error)}
      validationBehavior="aria"
      allowsEmptyCollection
      disabledKeys={options.filter((option) => option.disabled).map((option) => option.id)}
      className={className}
      data-field={field}
    >
      <Caption label={label} required={required} hide={hideLabel} />
      <div className="relative">
        <Input placeholder={placeholder} className={cx(controlClass, 'pr-8')} />
        <Button
          aria-label={openLabel}
          className="absolute inset-y-0 right-0 flex w-8 items-center justify-center text-fg3"
        >
          <ChevronDown size={14} aria-hidden />
        </Button>
      </div>
      <Below hint={hint} error={error} />
      <Popover className={cx(layerClass, 'w-(--trigger-width)')} offset={4}>
        <ListBox<Option>
          className="scroll-thin max-h-72 overflow-auto p-1 outline-none"
          renderEmptyState={() => <div className="px-2 py-1.5 text-fg3">{emptyText}</div>}
        >
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.label} className={itemClass}>
              {option.icon}
              <span className="min-w-0 flex-1">
                <span className="block truncate">{option.label}</span>
                {option.detail && <span className="block text-fg3 text-meta">{option.detail}</span>}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}

export function Segmented<T extends string>({
  label,
  value,
  onChange,
  options,
}: {
  label: string;
  value: T;
  onChange: (value: T) => void;
  options: { id: T; label: string; icon?: ReactNode; disabled?: boolean }[];
}) {
  return (
    <div
      role="radiogroup"
      aria-label={label}
      className="inline-flex flex-wrap gap-0.5 self-start rounded-control border border-line bg-app p-0.5"
    >
      {options.map((option) => (
        <label
          key={option.id}
          className={cx(
            'relative inline-flex min-h-7 cursor-pointer items-center gap-1.5 rounded-chip px-2.5 text-fg2 has-[:focus-visible]:outline-2 has-[:focus-visible]:outline-focus',
            value === option.id && 'bg-raised font-medium text-fg ring-1 ring-edge/50',
            option.disabled && 'cursor-default text-fg3',
          )}
        >
          <input
            type="radio"
            className="sr-only"
            name={label}
            value={option.id}
            checked={value === option.id}
            disabled={option.disabled}
            onChange={() => onChange(option.id)}
          />
          {option.icon}
          {option.label}
        </label>
      ))}
    </div>
  );
}
