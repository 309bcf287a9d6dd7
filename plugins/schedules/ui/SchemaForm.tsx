import { useTranslations } from 'use-intl';
import { pretty } from '@/api/exact-json';
import type { Violation } from '@/api/problem';
import { standInOf } from '@/editor/stand-ins';
import { Button } from '@/ui/Button';
import { SelectInput, TextInput } from '@/ui/Field';
import { StandInChip } from '@/ui/StandInChip';

type Schema = {
  type?: string | string[];
  title?: string;
  description?: string;
  enum?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  format?: string;
  writeOnly?: boolean;
  minimum?: number;
  maximum?: number;
};
type Props = {
  schema: unknown;
  value: unknown;
  onChange: (value: unknown) => void;
  violations: readonly Violation[];
  at?: string;
};

const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
const typeOf = (schema: Schema) =>
  (Array.isArray(schema.type) ? schema.type.find((type) => type !== 'null') : schema.type) ??
  (schema.properties ? 'object' : schema.enum ? 'enum' : undefined);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * The same payload as fields. The value stays one JSON value: what the schema does not name is kept and listed, what
 * has no simple field (arrays, unions) is shown and left for the JSON view.
 */
export function SchemaForm({ schema, value, onChange, violations, at = '' }: Props) {
  const t = useTranslations('schedules.payload');
  const node = schema as Schema;
  const whole = standInOf(value);
  if (whole) return <StandInChip standIn={whole} />;
  if (!node.properties || !isRecord(value))
    return <p className="rounded-control border border-line p-3 text-fg2">{t('noForm')}</p>;
  const put = (name: string, next: unknown) => {
    const copy = { ...value };
    if (next === undefined) delete copy[name];
    else copy[name] = next;
    onChange(copy);
  };
  const unknown = Object.keys(value).filter((name) => !(name in (node.properties ?? {})));
  return (
    <div
      className={
        at
          ? 'flex flex-col gap-3 border-line border-l-2 pl-3'
          : 'flex flex-col gap-3 rounded-control border border-line p-3'
      }
    >
      {Object.entries(node.properties).map(([name, child]) => (
        <FormField
          key={name}
          name={name}
          schema={child}
          required={node.required?.includes(name) ?? false}
          value={value[name]}
          onChange={(next) => put(name, next)}
          violations={violations}
          pointer={`${at}/${escapeName(name)}`}
          missing={
            violations.find(
              (each) => each.keyword === 'required' && each.instance === at && each.message.includes(name),
            )?.message
          }
        />
      ))}
      {unknown.length > 0 && (
        <div>
          <p className="font-medium text-fg2">{t('otherFields')}</p>
          <pre className="overflow-auto rounded-control bg-app p-2 font-mono text-code">
            {pretty(Object.fromEntries(unknown.map((name) => [name, value[name]])))}
          </pre>
        </div>
      )}
    </div>
  );
}

function FormField({
  name,
  schema,
  required,
  value,
  onChange,
  violations,
  pointer,
  missing,
}: {
  name: string;
  schema: Schema;
  required: boolean;
  value: unknown;
  onChange: (value: unknown) => void;
  violations: readonly Violation[];
  pointer: string;
  missing?: string;
}) {
  const t = useTranslations('schedules.payload');
  const type = typeOf(schema);
  const common = {
    label: schema.title ?? name,
    required,
    hint: schema.description,
    error: violations.find((each) => each.instance === pointer)?.message ?? missing ?? null,
  };
  const standIn = standInOf(value);
  if (standIn)
    return (
      <div data-stand-in={standIn.kind}>
        <p className="font-medium">{common.label}</p>
        <div className="flex items-center gap-2">
          <StandInChip standIn={standIn} />
          <Button size="sm" onPress={() => onChange(type === 'string' ? '' : undefined)}>
            {t('enterValue')}
          </Button>
        </div>
        {common.error && <p className="text-failed text-meta">{common.error}</p>}
      </div>
    );
  if (schema.enum?.every((each) => typeof each === 'string')) {
    return (
      <SelectInput
        {...common}
        placeholder={t('choose')}
        value={typeof value === 'string' ? value : null}
        onChange={onChange}
        options={(schema.enum as string[]).map((each) => ({ id: each, label: each }))}
      />
    );
  }
  if (type === 'object' && schema.properties && (value === undefined || isRecord(value))) {
    return (
      <fieldset>
        <legend className="mb-1.5 font-medium">{common.label}</legend>
        <SchemaForm schema={schema} value={value ?? {}} onChange={onChange} violations={violations} at={pointer} />
      </fieldset>
    );
  }
  if (type === 'string' && (value === undefined || typeof value === 'string')) {
    return (
      <TextInput
        {...common}
        type={schema.writeOnly ? 'password' : undefined}
        value={value ?? ''}
        onChange={(text) => onChange(text === '' && !required ? undefined : text)}
      />
    );
  }
  if ((type === 'integer' || type === 'number') && (value === undefined || typeof value === 'number')) {
    const put = (text: string) => onChange(text === '' || Number.isNaN(Number(text)) ? undefined : Number(text));
    return (
      <TextInput
        {...common}
        type="number"
        step={type === 'integer' ? 1 : undefined}
        value={value === undefined ? '' : String(value)}
        onChange={put}
      />
    );
  }
  if (type === 'boolean' && (value === undefined || typeof value === 'boolean')) {
    return (
      <div>
        <label className="flex min-h-6 items-center gap-2">
          <input
            type="checkbox"
            className="size-4"
            checked={value ?? false}
            onChange={(event) => onChange(event.target.checked)}
          />
          <span className="font-medium">{common.label}</span>
        </label>
        {common.error ? (
          <p className="text-failed text-meta">{common.error}</p>
        ) : (
          schema.description && <p className="text-fg3 text-meta">{schema.description}</p>
        )}
      </div>
    );
  }
  return (
    <div>
      <p className="font-medium">{common.label}</p>
      <pre className="max-h-40 overflow-auto rounded-control bg-app p-2 font-mono text-code">
        {value === undefined ? '–' : pretty(value)}
      </pre>
      <p className={common.error ? 'text-failed text-meta' : 'text-fg3 text-meta'}>{common.error ?? t('editInJson')}</p>
    </div>
  );
}
