import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Dialog } from 'react-aria-components/Dialog';
import { Heading } from 'react-aria-components/Heading';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { useTranslations } from 'use-intl';
import { IconButton } from './Button';
import { cx } from './cx';

type Props = {
  isOpen: boolean;
  onClose: () => void;
  title: string;
  subtitle?: ReactNode;
  children: ReactNode;
  footer?: ReactNode;
  size?: 'sm' | 'md' | 'lg';
  /** A sheet comes from the side and leaves the page behind it visible. */
  kind?: 'dialog' | 'sheet';
  role?: 'dialog' | 'alertdialog';
};
const widths = { sm: 'max-w-md', md: 'max-w-2xl', lg: 'max-w-5xl' };

export function Layer({
  isOpen,
  onClose,
  title,
  subtitle,
  children,
  footer,
  size = 'sm',
  kind = 'dialog',
  role,
}: Props) {
  const t = useTranslations('common');
  const sheet = kind === 'sheet';
  return (
    <ModalOverlay
      isOpen={isOpen}
      onOpenChange={(open) => !open && onClose()}
      isDismissable={!sheet}
      className={cx(
        'fixed inset-0 z-40 flex bg-scrim',
        sheet ? 'justify-end' : 'items-start justify-center overflow-auto p-4 pt-16',
      )}
    >
      <Modal
        className={cx(
          'flex w-full flex-col overflow-hidden border-line bg-surface shadow-layer',
          widths[size],
          sheet
            ? 'h-dvh border-l entering:animate-slide'
            : 'max-h-[calc(100dvh-5rem)] rounded-dialog border entering:animate-fade',
        )}
      >
        <Dialog role={role} className="flex min-h-0 flex-1 flex-col outline-none">
          <header className="flex items-start gap-3 border-line border-b px-5 py-3">
            <div className="min-w-0 flex-1">
              <Heading slot="title" className="font-semibold text-title">
                {title}
              </Heading>
              {subtitle && <p className="text-fg2">{subtitle}</p>}
            </div>
            <IconButton label={t('close')} size="icon-sm" onPress={onClose}>
              <X size={16} aria-hidden />
            </IconButton>
          </header>
          <div className="scroll-thin min-h-0 flex-1 overflow-auto">{children}</div>
          {footer && (
            <footer className="flex flex-wrap items-center justify-end gap-2 border-line border-t bg-surface px-5 py-3">
              {footer}
            </footer>
          )}
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
