import { getNodeValue, type Node } from 'jsonc-parser';
import { Plus, X } from 'lucide-react';
import { type RefObject, useRef } from 'react';
import { useTranslations } from 'use-intl';
import type { Violation } from '@/api/problem';
import { nodeAt, numberOrText, type Path, pushJson, putJson, removeAt, sourceOf, treeOf } from '@/editor/edit-json';
import { placeOf, pointerOf } from '@/editor/pointers';
import { standInOf } from '@/editor/stand-ins';
import { Button, IconButton } from '@/ui/Button';
import { SelectInput, TextInput } from '@/ui/Field';
import { StandInChip } from '@/ui/StandInChip';
import { emptyJson, fieldSchema, kindOf, type Schema, violationsAt, violationsWithin } from './schema';

type Props = {
  schema: unknown;
  /** JSON without syntax errors. */
  text: string;
  onChange: (text: string) => void;
  violations: readonly Violation[];
  /** Shows a place in the JSON view. */
  onJson: (pointer: string) => void;
};
type Place = Props & { tree: Node | undefined; path: Path };

const standInAt = (node: Node | undefined) =>
  node?.type === 'object' && node.children?.length === 1 ? standInOf(getNodeValue(node)) : null;

/**
 * The same payload as fields. The text stays the one truth: a field changes only its own characters in it, what the schema
 * does not name is kept and listed, what has no simple field is shown and left to the JSON view.
 */
export function SchemaForm(props: Props) {
  const t = useTranslations('schedules.payload');
  const box = useRef<HTMLDivElement>(null);
  const tree = treeOf(props.text);
  const whole = standInAt(tree);
  if (whole) return <StandInChip standIn={whole} />;
  const schema = fieldSchema(props.schema, props.schema);
  if (kindOf(schema, tree?.type) !== 'object')
    return <p className="rounded-control border border-line p-3 text-fg2">{t('noForm')}</p>;
  return (
    <div ref={box} className="flex flex-col gap-3 rounded-control border border-line p-3" data-schema-form>
      <Summary violations={props.violations} box={box} />
      <Members {...props} tree={tree} path={[]} node={schema} />
    </div>
  );
}

/** Every violation, also those of places without a field; each leads to its field or the one around it. */
function Summary({ violations, box }: { violations: readonly Violation[]; box: RefObject<HTMLDivElement | null> }) {
  const t = useTranslations('editor');
  if (violations.length === 0) return null;
  const go = (pointer: string) => {
    for (let at = pointer; ; at = at.slice(0, at.lastIndexOf('/'))) {
      const field = box.current?.querySelector(`[data-pointer="${CSS.escape(at)}"]`);
      const control = field?.matches('input, textarea, button')
        ? field
        : field?.querySelector('input, textarea, button');
      if (control instanceof HTMLElement || at === '') return (control as HTMLElement | null)?.focus();
    }
  };
  return (
    <div className="rounded-control border border-failed/40 bg-failed-tint px-3 py-2 text-failed" data-problems>
      <p className="font-medium">{t('problems', { count: violations.length })}</p>
      <ul>
        {violations.map((each) => (
          <li key={placeOf(each) + each.message}>
            <button type="button" className="min-h-6 text-left hover:underline" onClick={() => go(placeOf(each))}>
              <code className="font-mono text-code">{placeOf(each) || t('root')}</code> {each.message}
            </button>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Members({ node, ...place }: Place & { node: Schema }) {
  const t = useTranslations('schedules.payload');
  const value = nodeAt(place.tree, place.path);
  const properties = node.properties ?? {};
  const unknown = (value?.children ?? []).filter((each) => !Object.hasOwn(properties, each.children![0]!.value));
  return (
    <>
      {Object.entries(properties).map(([name, child]) => (
        <FormField
          key={name}
          {...place}
          path={[...place.path, name]}
          node={fieldSchema(place.schema, child)}
          label={name}
          required={node.required?.includes(name) ?? false}
        />
      ))}
      {unknown.length > 0 && (
        <section aria-label={t('otherFields')} className="flex flex-col gap-3" data-other-fields>
          <p className="font-medium text-fg2">{t('otherFields')}</p>
          {unknown.map((each) => {
            const name = each.children![0]!.value as string;
            return <JsonValue key={name} {...place} path={[...place.path, name]} label={name} />;
          })}
        </section>
      )}
    </>
  );
}

type FieldProps = Place & { node: Schema; label: string; required: boolean };

function FormField({ node, label, required, ...place }: FieldProps) {
  const t = useTranslations('schedules.payload');
  const value = nodeAt(place.tree, place.path);
  const pointer = pointerOf(place.path);
  const put = (json: string | null) =>
    place.onChange(json === null ? removeAt(place.text, place.path) : putJson(place.text, place.path, json));
  const common = {
    label: node.title ?? label,
    required,
    hint: node.description,
    error:
      violationsAt(place.violations, pointer)
        .map((each) => each.message)
        .join(' ') || null,
    pointer,
  };
  const source = value ? sourceOf(place.text, value) : '';
  const standIn = standInAt(value);
  if (standIn)
    return (
      <div data-pointer={pointer} data-stand-in={standIn.kind}>
        <p className="font-medium">{common.label}</p>
        <div className="flex items-center gap-2">
          <StandInChip standIn={standIn} />
          <Button size="sm" onPress={() => put(emptyJson(node))}>
            {t('enterValue')}
          </Button>
        </div>
        {common.error && <p className="text-failed text-meta">{common.error}</p>}
      </div>
    );
  switch (kindOf(node, value?.type)) {
    case 'choice':
      return <Choice {...common} options={node.enum!} value={value ? JSON.stringify(value.value) : null} put={put} />;
    case 'text': {
      const text = value?.type === 'string' ? (value.value as string) : '';
      return (
        <TextInput
          {...common}
          multiline={text.includes('\n')}
          placeholder={value?.type === 'null' ? 'null' : undefined}
          value={text}
          onChange={(next) => put(next === '' && !required ? null : JSON.stringify(next))}
        />
      );
    }
    case 'number':
      return (
        <TextInput
          {...common}
          inputMode="numeric"
          placeholder={value?.type === 'null' ? 'null' : undefined}
          value={value?.type === 'string' ? (value.value as string) : value?.type === 'number' ? source : ''}
          onChange={(next) => put(next === '' ? null : numberOrText(next))}
        />
      );
    case 'boolean':
      return <Flag {...common} value={value?.value === true} onChange={(next) => put(String(next))} />;
    case 'object':
      return (
        <fieldset data-pointer={pointer}>
          <legend className="mb-1.5 font-medium">{common.label}</legend>
          {common.error && <p className="mb-1 text-failed text-meta">{common.error}</p>}
          <div className="flex flex-col gap-3 border-line border-l-2 pl-3">
            <Members {...place} node={node} />
          </div>
        </fieldset>
      );
    case 'list':
      return <List {...place} {...common} node={node} />;
    default:
      return <JsonValue {...place} label={common.label} hint={node.description} />;
  }
}

type Common = { label: string; required: boolean; hint?: string; error: string | null; pointer: string };

function Choice({
  options,
  value,
  put,
  ...common
}: Common & { options: unknown[]; value: string | null; put: (json: string | null) => void }) {
  const t = useTranslations('schedules.payload');
  const known = options.map((each) => JSON.stringify(each));
  // A value that is none of the choices is listed as it is, so that opening the form changes nothing.
  const all = value !== null && !known.includes(value) ? [value, ...known] : known;
  return (
    <SelectInput
      {...common}
      placeholder={t('choose')}
      value={value}
      onChange={(id) => put(id || null)}
      options={[
        ...(common.required ? [] : [{ id: '', label: t('noChoice') }]),
        ...all.map((id) => ({ id, label: id.startsWith('"') ? (JSON.parse(id) as string) || '""' : id })),
      ]}
    />
  );
}

function Flag({
  label,
  hint,
  error,
  pointer,
  value,
  onChange,
}: Common & { value: boolean; onChange: (value: boolean) => void }) {
  const below = `flag-${pointer}`;
  return (
    <div data-pointer={pointer}>
      <label className="flex min-h-6 items-center gap-2">
        <input
          type="checkbox"
          className="size-4"
          checked={value}
          aria-invalid={error ? true : undefined}
          aria-describedby={error || hint ? below : undefined}
          onChange={(event) => onChange(event.target.checked)}
        />
        <span className="font-medium">{label}</span>
      </label>
      {(error || hint) && (
        <p id={below} className={error ? 'text-failed text-meta' : 'text-fg3 text-meta'}>
          {error ?? hint}
        </p>
      )}
    </div>
  );
}

function List({ node, label, hint, error, pointer, required: _, ...place }: Place & Common & { node: Schema }) {
  const t = useTranslations('schedules.payload');
  const items = nodeAt(place.tree, place.path)?.children ?? [];
  const element = fieldSchema(place.schema, node.items);
  return (
    <fieldset data-pointer={pointer}>
      <legend className="mb-1.5 font-medium">{label}</legend>
      {(error || hint) && (
        <p className={error ? 'mb-1 text-failed text-meta' : 'mb-1 text-fg3 text-meta'}>{error ?? hint}</p>
      )}
      <ol className="flex flex-col gap-2 border-line border-l-2 pl-3">
        {items.map((item, index) => (
          <li key={`${index}:${items.length}`} className="flex items-start gap-1.5">
            <div className="min-w-0 flex-1" data-offset={item.offset}>
              <FormField
                {...place}
                path={[...place.path, index]}
                node={element}
                label={`${label} ${index + 1}`}
                required
              />
            </div>
            <IconButton
              size="icon-sm"
              className="mt-6"
              label={t('removeItem', { name: `${label} ${index + 1}` })}
              onPress={() => place.onChange(removeAt(place.text, [...place.path, index]))}
            >
              <X size={14} aria-hidden />
            </IconButton>
          </li>
        ))}
      </ol>
      <Button
        size="sm"
        className="mt-2"
        icon={<Plus size={13} aria-hidden />}
        onPress={() => place.onChange(pushJson(place.text, place.path, emptyJson(element)))}
      >
        {t('addItem', { name: label })}
      </Button>
    </fieldset>
  );
}

/** A value without a field, character by character, with the way to its place in the JSON view. */
function JsonValue({ label, hint, ...place }: Place & { label: string; hint?: string }) {
  const t = useTranslations('schedules.payload');
  const value = nodeAt(place.tree, place.path);
  const pointer = pointerOf(place.path);
  const wrong = violationsWithin(place.violations, pointer);
  const standIn = standInAt(value);
  return (
    <div data-pointer={pointer}>
      <p className="flex flex-wrap items-center gap-2">
        <span className="font-medium">{label}</span>
        <Button
          size="sm"
          tone="ghost"
          aria-label={t('editInJsonOf', { name: label })}
          onPress={() => place.onJson(pointer)}
        >
          {t('editInJson')}
        </Button>
      </p>
      {standIn && <StandInChip standIn={standIn} />}
      <pre
        hidden={standIn !== null}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so the keyboard must reach it.
        tabIndex={0}
        role="group"
        aria-label={label}
        className="scroll-thin max-h-40 overflow-auto rounded-control bg-app p-2 font-mono text-code"
      >
        {value ? sourceOf(place.text, value) : '–'}
      </pre>
      {hint && wrong.length === 0 && <p className="text-fg3 text-meta">{hint}</p>}
      {wrong.map((each) => (
        <p key={each.instance + each.message} className="text-failed text-meta">
          {each.instance !== pointer && <code className="font-mono text-code">{each.instance} </code>}
          {each.message}
        </p>
      ))}
    </div>
  );
}
