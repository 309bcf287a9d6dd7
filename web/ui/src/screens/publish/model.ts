import type { Schemas } from '@/api/client';
import { parseExact } from '@/api/exact-json';
import { syntaxErrorOf } from '@/editor/pointers';

export type Operation = Schemas['PayloadOperation'];
export type Plan = Schemas['PublishResult'];
export type Verdict = Schemas['ScheduleVerdict'];
export type VerdictName = Verdict['verdict'];
export const VERDICTS: VerdictName[] = ['invalid', 'still_invalid', 'revived', 'rebound', 'left'];

/** An operation as it is typed: text, so that half a pointer or half a value stays. */
export type DraftOperation = { id: number; op: Operation['op']; from: string; to: string; value: string };
/** A corrected payload as it is typed. Only what was handed over (`ready`) travels with the publish. */
export type DraftFix = { name: string; text: string; revision: number; ready: boolean; stale: boolean };

/** What a person has put into the dialog; kept while the page is open. */
export type PublishInputs = { note: string; operations: DraftOperation[]; fixes: Record<string, DraftFix> };
export const noInputs: PublishInputs = { note: '', operations: [], fixes: {} };

let nextId = 1;
export const newOperation = (op: Operation['op'], part: Partial<DraftOperation> = {}): DraftOperation => ({
  id: nextId++,
  op,
  from: '',
  to: '',
  value: '',
  ...part,
});

const isPointer = (text: string) => /^(\/([^~/]|~[01])*)+$/.test(text) && text !== '/';
export type Lack = 'pointer' | 'json' | 'expr';
export type Lacks = { from?: Lack; to?: Lack; value?: Lack };

/** What is still missing at an operation's controls. `from` is where rename takes from, `to` every other place. */
export function lacksOf(draft: DraftOperation): Lacks {
  const lacks: Lacks = {};
  if (draft.op === 'rename' && !isPointer(draft.from)) lacks.from = 'pointer';
  if (!isPointer(draft.to)) lacks.to = 'pointer';
  if (draft.op === 'default' && syntaxErrorOf(draft.value)) lacks.value = 'json';
  if (draft.op === 'set' && !draft.value.trim()) lacks.value = 'expr';
  return lacks;
}
export const isComplete = (draft: DraftOperation) => Object.keys(lacksOf(draft)).length === 0;

export function operationOf(draft: DraftOperation): Operation {
  switch (draft.op) {
    case 'rename':
      return { op: 'rename', from: draft.from, to: draft.to };
    case 'default':
      return { op: 'default', path: draft.to, value: parseExact(draft.value) };
    case 'drop':
      return { op: 'drop', path: draft.to };
    case 'set':
      return { op: 'set', path: draft.to, expr: draft.value };
  }
}

/** Migration and fixes of a request; what is not finished is left out. */
export function changesOf(inputs: PublishInputs): Pick<Schemas['PublishRequest'], 'migration' | 'payload_fixes'> {
  const operations = inputs.operations.filter(isComplete).map(operationOf);
  const fixes = Object.entries(inputs.fixes).filter(([, fix]) => fix.ready && !fix.stale);
  return {
    ...(operations.length > 0 ? { migration: operations } : {}),
    ...(fixes.length > 0
      ? {
          payload_fixes: Object.fromEntries(
            fixes.map(([id, fix]) => [id, { revision: fix.revision, payload: parseExact(fix.text) }]),
          ),
        }
      : {}),
  };
}

/** Which of the operations as shown the server's `/migration/<n>/…` is about, and which of its controls. */
export function controlOf(field: string | undefined, operations: DraftOperation[]) {
  const [, root, index, member] = (field ?? '').split('/');
  if (root !== 'migration') return null;
  const draft = operations.filter(isComplete)[Number(index)];
  if (!draft) return null;
  const valued = draft.op === 'default' || draft.op === 'set';
  const control =
    member === 'from' && draft.op === 'rename'
      ? 'from'
      : (member === 'value' || member === 'expr') && valued
        ? 'value'
        : 'to';
  return { id: draft.id, control } as const;
}

export const staleFixOf = (problem: { code: string; field?: string } | null) =>
  problem?.code === 'FIX_STALE' ? (problem.field ?? '').replace('/payload_fixes/', '') : null;

type Property = { type?: unknown; default?: unknown };
const asProperty = (value: unknown): Property =>
  typeof value === 'object' && value !== null ? (value as Property) : {};
const parentOf = (pointer: string) => pointer.slice(0, pointer.lastIndexOf('/'));

/**
 * Operations that the change of the schema suggests: a member that went where one of the same type came was perhaps
 * renamed, and a new required one with a default can be given it.
 */
export function suggestionsOf(changes: readonly Schemas['SchemaChange'][]): DraftOperation[] {
  const plain = changes.filter((each) => !each.pointer.includes('/*'));
  const added = plain.filter((each) => each.change === 'added');
  const removed = plain.filter((each) => each.change === 'removed');
  const required = new Set(plain.filter((each) => each.change === 'required').map((each) => each.pointer));
  const renamed = new Set<string>();
  const renames = removed.flatMap((gone) => {
    const like = (each: (typeof added)[number], other: unknown) =>
      parentOf(each.pointer) === parentOf(gone.pointer) &&
      JSON.stringify(asProperty(each.after ?? each.before).type) === JSON.stringify(asProperty(other).type);
    const targets = added.filter((each) => like(each, gone.before));
    const rivals = removed.filter((each) => like(each, gone.before));
    if (targets.length === 0 || targets.length > 3 || rivals.length > 1) return [];
    if (targets.length === 1) renamed.add(targets[0]!.pointer);
    return targets.map((target) => newOperation('rename', { from: gone.pointer, to: target.pointer }));
  });
  const withDefault = (pointer: string) => {
    const after = added.find((each) => each.pointer === pointer)?.after;
    const changed = plain.find((each) => each.pointer === pointer && each.change === 'default');
    return after ? asProperty(after).default : changed?.after;
  };
  const defaults = [...required].flatMap((pointer) => {
    const value = withDefault(pointer);
    return renamed.has(pointer) || value === undefined || value === null
      ? []
      : [newOperation('default', { to: pointer, value: JSON.stringify(value) })];
  });
  return [...renames, ...defaults];
}

/** A suggestion is used up when an operation already takes from its source or writes to its place. */
export const isTaken = (suggestion: DraftOperation, operations: readonly DraftOperation[]) =>
  operations.some((each) => each.to === suggestion.to || (each.op === 'rename' && each.from === suggestion.from));
