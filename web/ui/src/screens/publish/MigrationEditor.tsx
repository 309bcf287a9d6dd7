import { Plus, WandSparkles, X } from 'lucide-react';
import { useTranslations } from 'use-intl';
import type { Problem } from '@/api/problem';
import { problemText } from '@/app/toasts';
import { Button, IconButton } from '@/ui/Button';
import { SelectInput, TextInput } from '@/ui/Field';
import { Notice } from '@/ui/States';
import { controlOf, type DraftOperation, isTaken, type Lack, lacksOf, newOperation } from './model';

const OPS = ['rename', 'default', 'drop', 'set'] as const;

/** What a publish does to every payload before it is checked: a list of operations, applied in order. */
export function MigrationEditor({
  operations,
  onChange,
  suggestions,
  problem,
}: {
  operations: DraftOperation[];
  onChange: (operations: DraftOperation[]) => void;
  suggestions: DraftOperation[];
  /** The plan's refusal. */
  problem: Problem | null;
}) {
  const t = useTranslations('publish');
  const aimed = controlOf(problem?.field, operations);
  const open = suggestions.filter((each) => !isTaken(each, operations));
  return (
    <div className="flex flex-col gap-2" data-migration>
      <p className="text-fg2">{t('migrationHelp')}</p>
      {problem?.code.startsWith('MIGRATION') && !aimed && (
        <Notice tone="error" role="alert">
          {problemText(problem)}
        </Notice>
      )}
      {operations.length > 0 && (
        <ol className="flex flex-col gap-2" aria-label={t('migration')}>
          {operations.map((each, index) => (
            <Row
              key={each.id}
              number={index + 1}
              operation={each}
              refused={aimed?.id === each.id && problem ? { at: aimed.control, text: problemText(problem) } : null}
              onChange={(next) => onChange(operations.map((old) => (old.id === each.id ? next : old)))}
              onRemove={() => onChange(operations.filter((old) => old.id !== each.id))}
            />
          ))}
        </ol>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          size="sm"
          icon={<Plus size={13} aria-hidden />}
          onPress={() => onChange([...operations, newOperation('rename')])}
        >
          {t('addOperation')}
        </Button>
        {open.map((each) => (
          <Button
            key={each.op + each.from + each.to}
            size="sm"
            tone="ghost"
            icon={<WandSparkles size={13} aria-hidden />}
            onPress={() => onChange([...operations, each])}
          >
            {each.op === 'rename'
              ? t('suggestRename', { from: each.from, to: each.to })
              : t('suggestDefault', { path: each.to, value: each.value })}
          </Button>
        ))}
      </div>
    </div>
  );
}

function Row({
  number,
  operation,
  refused,
  onChange,
  onRemove,
}: {
  number: number;
  operation: DraftOperation;
  refused: { at: 'from' | 'to' | 'value'; text: string } | null;
  onChange: (operation: DraftOperation) => void;
  onRemove: () => void;
}) {
  const t = useTranslations('publish');
  const lacks = lacksOf(operation);
  const set = (part: Partial<DraftOperation>) => onChange({ ...operation, ...part });
  // What is still empty is not wrong yet.
  const errorOf = (at: 'from' | 'to' | 'value') => {
    const lack: Lack | undefined = lacks[at];
    if (refused?.at === at) return refused.text;
    return lack && operation[at] !== '' ? t(`lack.${lack}`) : null;
  };
  const { op } = operation;
  return (
    <li
      className="relative flex flex-wrap items-start gap-2 rounded-control border border-line p-2"
      data-operation={op}
    >
      <SelectInput
        label={t('operation', { number })}
        className="w-44"
        value={op}
        onChange={(next) => set({ op: next })}
        options={OPS.map((id) => ({ id, label: t(`op.${id}`), detail: t(`opHelp.${id}`) }))}
      />
      {op === 'rename' && (
        <TextInput
          label={t('from')}
          className="min-w-36 flex-1"
          mono
          placeholder="/old"
          value={operation.from}
          onChange={(from) => set({ from })}
          error={errorOf('from')}
        />
      )}
      <TextInput
        label={op === 'rename' ? t('to') : t('path')}
        className="min-w-36 flex-1"
        mono
        placeholder={op === 'rename' ? '/new' : '/member'}
        value={operation.to}
        onChange={(to) => set({ to })}
        error={errorOf('to')}
      />
      {(op === 'default' || op === 'set') && (
        <TextInput
          label={op === 'default' ? t('value') : t('expr')}
          className="min-w-36 flex-1"
          mono
          placeholder={op === 'default' ? '"text"' : '.price * 100'}
          value={operation.value}
          onChange={(value) => set({ value })}
          error={errorOf('value')}
        />
      )}
      <IconButton
        className="absolute top-2 right-2 sm:static sm:mt-6"
        size="icon"
        label={t('removeOperation', { number })}
        onPress={onRemove}
      >
        <X size={15} aria-hidden />
      </IconButton>
    </li>
  );
}
