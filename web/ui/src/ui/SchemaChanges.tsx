import { useTranslations } from 'use-intl';
import type { Schemas } from '@/api/client';
import { Chip } from './States';

export type SchemaChange = Schemas['SchemaChange'];
const short = (value: unknown) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
};
const typeOf = (schema: unknown) => {
  const node = schema as { type?: string | string[]; enum?: unknown[] } | null;
  if (!node || typeof node !== 'object') return '';
  return [node.type].flat().filter(Boolean).join(' | ') || (node.enum ? 'enum' : '');
};
/** What can make a payload that fits stop fitting. */
const BREAKING = new Set<SchemaChange['change']>(['removed', 'required', 'type', 'enum', 'constraint']);

function byPlace(changes: readonly SchemaChange[]): [string, SchemaChange[]][] {
  const places = new Map<string, SchemaChange[]>();
  for (const change of changes) places.set(change.pointer, [...(places.get(change.pointer) ?? []), change]);
  // That what is gone is no longer required goes without saying.
  return [...places].map(([place, all]) => [
    place,
    all.some((each) => each.change === 'removed') ? all.filter((each) => each.change !== 'optional') : all,
  ]);
}

/** What a payload schema asks differently, one line for each place of the payload. */
export function SchemaChanges({ changes }: { changes: readonly SchemaChange[] }) {
  const t = useTranslations('schemaChanges');
  if (changes.length === 0) return <p className="text-fg2">{t('none')}</p>;
  return (
    <ul className="divide-y divide-line rounded-card border border-line" data-schema-changes>
      {byPlace(changes).map(([place, all]) => (
        <li key={place} className="flex flex-wrap items-baseline gap-x-4 gap-y-1 px-3 py-1.5">
          <code className="w-full break-all sm:w-auto sm:min-w-28 font-mono text-code">{place || t('root')}</code>
          {all.map((change) => (
            <span
              key={change.change + (change.keyword ?? '')}
              className="inline-flex min-w-0 flex-wrap items-baseline gap-x-2"
              data-change={change.change}
            >
              <Chip tone={BREAKING.has(change.change) ? 'late' : 'plain'}>
                {change.change === 'constraint' ? change.keyword : t(`change.${change.change}`)}
              </Chip>
              <Detail change={change} />
            </span>
          ))}
        </li>
      ))}
    </ul>
  );
}

function Detail({ change: { change, before, after } }: { change: SchemaChange }) {
  const t = useTranslations('schemaChanges');
  if (change === 'required' || change === 'optional') return null;
  if (change === 'added' || change === 'removed') {
    const type = typeOf(change === 'added' ? after : before);
    return type ? <span className="text-fg2">{type}</span> : null;
  }
  if (change === 'enum' && Array.isArray(before) && Array.isArray(after)) {
    const has = (list: unknown[], value: unknown) =>
      list.some((each) => JSON.stringify(each) === JSON.stringify(value));
    const gone = before.filter((value) => !has(after, value));
    const come = after.filter((value) => !has(before, value));
    return (
      <span className="flex min-w-0 flex-wrap gap-x-3">
        {gone.length > 0 && <span>{t('gone', { values: gone.map(short).join(', ') })}</span>}
        {come.length > 0 && <span>{t('come', { values: come.map(short).join(', ') })}</span>}
      </span>
    );
  }
  return (
    <span className="min-w-0 break-words">
      {before !== null && <del className="text-fg2">{short(before)}</del>}
      {before !== null && after !== null && <span aria-hidden> → </span>}
      {after !== null && <ins className="no-underline">{short(after)}</ins>}
    </span>
  );
}
