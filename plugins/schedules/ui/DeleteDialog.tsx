import { useTranslations } from 'use-intl';
import { Button } from '@/ui/Button';
import { Layer } from '@/ui/Layer';

export default function DeleteDialog({
  name,
  busy,
  onClose,
  onConfirm,
}: {
  name: string;
  busy: boolean;
  onClose: () => void;
  onConfirm: () => void;
}) {
  const t = useTranslations('schedules.actions');
  return (
    <Layer
      isOpen
      onClose={onClose}
      role="alertdialog"
      title={t('deleteTitle', { name })}
      footer={
        <>
          <Button onPress={onClose}>{t('cancel')}</Button>
          <Button tone="danger" pending={busy} onPress={onConfirm}>
            {t('deleteConfirm')}
          </Button>
        </>
      }
    >
      <p className="p-5 text-fg2">{t('deleteConsequence')}</p>
    </Layer>
  );
}
