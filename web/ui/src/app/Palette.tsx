import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { CalendarClock, CornerDownLeft, Play, Plus, Server, Workflow } from 'lucide-react';
import { type ReactNode, useDeferredValue, useState } from 'react';
import { Autocomplete } from 'react-aria-components/Autocomplete';
import { Dialog } from 'react-aria-components/Dialog';
import { Input } from 'react-aria-components/Input';
import { Menu, MenuItem } from 'react-aria-components/Menu';
import { Modal, ModalOverlay } from 'react-aria-components/Modal';
import { SearchField } from 'react-aria-components/SearchField';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { itemClass } from '@/ui/Field';

type Entry = { id: string; label: string; detail?: string; icon: ReactNode; act: () => void };

export default function Palette({ onClose }: { onClose: () => void }) {
  const t = useTranslations('palette');
  const nav = useTranslations('nav');
  const navigate = useNavigate();
  const [text, setText] = useState('');
  const query = useDeferredValue(text.trim());
  const found = useQuery({
    queryKey: ['palette', query],
    enabled: query.length > 0,
    placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => {
      const [schedules, workflows] = await Promise.all([
        take(api.GET('/api/v1/schedules', { params: { query: { text: query, limit: 8 } }, signal })),
        take(api.GET('/api/v1/workflows', { params: { query: { text: query, limit: 6 } }, signal })),
      ]);
      return { schedules: schedules.items, workflows: workflows.items };
    },
  });
  const has = (label: string) => query === '' || label.toLowerCase().includes(query.toLowerCase());
  const entries: Entry[] = [
    {
      id: 'go-schedules',
      label: nav('schedules'),
      icon: <CalendarClock size={15} aria-hidden />,
      act: () => void navigate({ to: '/schedules' }),
    },
    {
      id: 'go-runs',
      label: nav('runs'),
      icon: <Play size={15} aria-hidden />,
      act: () => void navigate({ to: '/runs' }),
    },
    {
      id: 'go-workflows',
      label: nav('workflows'),
      icon: <Workflow size={15} aria-hidden />,
      act: () => void navigate({ to: '/workflows' }),
    },
    {
      id: 'go-system',
      label: nav('system'),
      icon: <Server size={15} aria-hidden />,
      act: () => void navigate({ to: '/system' }),
    },
    {
      id: 'new-schedule',
      label: t('newSchedule'),
      icon: <Plus size={15} aria-hidden />,
      act: () => void navigate({ to: '/schedules', search: { new: 1 } }),
    },
  ].filter((entry) => has(entry.label));
  if (/^[0-9a-f]{8}-[0-9a-f-]{27}$/i.test(query)) {
    entries.push({
      id: 'run',
      label: t('openRun', { id: query.slice(0, 8) }),
      icon: <Play size={15} aria-hidden />,
      act: () => void navigate({ to: '/runs/$id', params: { id: query } }),
    });
  }
  if (query && found.data) {
    for (const item of found.data.schedules) {
      entries.push({
        id: item.id,
        label: item.name,
        detail: item.workflow_name,
        icon: <CalendarClock size={15} aria-hidden />,
        act: () => void navigate({ to: '/schedules/$id', params: { id: item.id } }),
      });
    }
    for (const item of found.data.workflows) {
      entries.push({
        id: item.id,
        label: item.name,
        detail: t('workflow'),
        icon: <Workflow size={15} aria-hidden />,
        act: () => void navigate({ to: '/workflows/$id', params: { id: item.id } }),
      });
    }
  }
  return (
    <ModalOverlay
      isOpen
      isDismissable
      onOpenChange={(open) => !open && onClose()}
      className="fixed inset-0 z-40 flex items-start justify-center bg-scrim p-4 pt-24"
    >
      <Modal className="w-full max-w-xl rounded-dialog border border-line bg-raised shadow-layer">
        <Dialog aria-label={t('title')} className="outline-none">
          <Autocomplete inputValue={text} onInputChange={setText}>
            <SearchField aria-label={t('title')} autoFocus className="border-line border-b">
              <Input
                placeholder={nav('search')}
                className="h-12 w-full bg-transparent px-4 text-section outline-none"
              />
            </SearchField>
            <Menu
              items={entries}
              aria-label={t('results')}
              className="scroll-thin max-h-96 overflow-auto p-1.5 outline-none"
              renderEmptyState={() => <p className="px-3 py-6 text-center text-fg3">{t('nothing', { text: query })}</p>}
            >
              {(entry) => (
                <MenuItem
                  id={entry.id}
                  textValue={entry.label}
                  className={itemClass}
                  onAction={() => {
                    onClose();
                    entry.act();
                  }}
                >
                  <span className="text-fg3">{entry.icon}</span>
                  <span className="min-w-0 flex-1 truncate">
                    {entry.label} {entry.detail && <span className="text-fg3">· {entry.detail}</span>}
                  </span>
                  <CornerDownLeft size={13} aria-hidden className="text-fg3" />
                </MenuItem>
              )}
            </Menu>
          </Autocomplete>
        </Dialog>
      </Modal>
    </ModalOverlay>
  );
}
