import { type ComponentProps, type ReactNode, useRef, useState } from 'react';
import { useTranslations } from 'use-intl';
import { newKey } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';
import { Notice } from '@/ui/States';
import { problemText } from './toasts';

/**
 * One request of a dialog: whether it is under way and why it was refused. The key makes sending the same again
 * harmless; after a refusal the next try is another request.
 */
export function useSubmit() {
  const key = useRef(newKey());
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const submit = async (send: (key: string) => Promise<void>): Promise<Problem | null> => {
    if (pending) return null;
    setPending(true);
    setProblem(null);
    try {
      await send(key.current);
      return null;
    } catch (cause) {
      key.current = newKey();
      const refused = problemOf(cause);
      setProblem(refused);
      return refused;
    } finally {
      setPending(false);
    }
  };
  return { pending, problem, submit };
}

/** A dialog that asks for something and does it: cancel, confirm, and the refusal on top unless a field shows it. */
export function FormLayer({
  confirm,
  onConfirm,
  tone = 'primary',
  pending,
  problem,
  fields = [],
  disabledReason,
  onClose,
  children,
  ...layer
}: Pick<ComponentProps<typeof Layer>, 'title' | 'subtitle' | 'size' | 'role' | 'onClose'> & {
  confirm: string;
  onConfirm: () => void;
  tone?: 'primary' | 'danger';
  pending: boolean;
  problem?: Problem | null;
  /** Pointers whose refusals stand at a control. */
  fields?: string[];
  disabledReason?: string | null | false;
  children: ReactNode;
}) {
  const common = useTranslations('common');
  return (
    <Layer
      isOpen
      onClose={onClose}
      {...layer}
      footer={
        <>
          <Button onPress={onClose}>{common('cancel')}</Button>
          <Button tone={tone} pending={pending} disabledReason={disabledReason} onPress={onConfirm}>
            {confirm}
          </Button>
        </>
      }
    >
      <div className="flex flex-col gap-4 p-5">
        {problem && !fields.includes(problem.field ?? '') && (
          <Notice tone="error" role="alert">
            {problemText(problem)}
          </Notice>
        )}
        {children}
      </div>
    </Layer>
  );
}
