import type { ReactNode, RefObject } from 'react';
import { Header } from 'react-aria-components/Header';
import { Menu as AriaMenu, MenuItem, MenuSection, MenuTrigger } from 'react-aria-components/Menu';
import { Popover } from 'react-aria-components/Popover';
import { Separator } from 'react-aria-components/Separator';
import { cx } from './cx';
import { itemClass, layerClass } from './Field';

export type MenuEntry =
  | {
      id: string;
      label: string;
      icon?: ReactNode;
      shortcut?: string;
      danger?: boolean;
      disabledReason?: string | null | false;
      onAction: () => void;
    }
  | { separator: true; id: string };

function Items({ entries, label }: { entries: MenuEntry[]; label: string }) {
  const disabled = entries
    .filter((entry) => 'disabledReason' in entry && entry.disabledReason)
    .map((entry) => entry.id);
  return (
    <AriaMenu aria-label={label} autoFocus="first" disabledKeys={disabled} className="min-w-44 p-1 outline-none">
      {entries.map((entry) =>
        'separator' in entry ? (
          <Separator key={entry.id} className="my-1 border-line border-t" />
        ) : (
          <MenuItem
            key={entry.id}
            id={entry.id}
            textValue={entry.label}
            onAction={entry.onAction}
            className={cx(itemClass, entry.danger && 'text-failed')}
          >
            {entry.icon}
            <span className="flex-1">
              {entry.label}
              {entry.disabledReason && <span className="block text-fg3 text-meta">{entry.disabledReason}</span>}
            </span>
            {entry.shortcut && <kbd className="font-mono text-fg3 text-meta">{entry.shortcut}</kbd>}
          </MenuItem>
        ),
      )}
    </AriaMenu>
  );
}

export function MenuButton({ trigger, entries, label }: { trigger: ReactNode; entries: MenuEntry[]; label: string }) {
  return (
    <MenuTrigger>
      {trigger}
      <Popover className={layerClass} offset={4}>
        <Items entries={entries} label={label} />
      </Popover>
    </MenuTrigger>
  );
}

/** One menu for a whole table: opened beside whichever row's button was pressed. */
export function SharedMenu({
  anchor,
  entries,
  label,
  onClose,
}: {
  anchor: RefObject<HTMLElement | null>;
  entries: MenuEntry[] | null;
  label: string;
  onClose: () => void;
}) {
  return (
    <Popover
      triggerRef={anchor}
      isOpen={entries !== null}
      onOpenChange={(open) => !open && onClose()}
      className={layerClass}
      offset={4}
      placement="bottom end"
      aria-label={label}
    >
      {entries && (
        <Items
          label={label}
          entries={entries.map((entry) => {
            if (!('onAction' in entry)) return entry;
            const act = () => {
              onClose();
              entry.onAction();
            };
            return { ...entry, onAction: act };
          })}
        />
      )}
    </Popover>
  );
}
export type ChoiceGroup = {
  id: string;
  title: string;
  value: string;
  onChange: (value: string) => void;
  options: { id: string; label: string; icon?: ReactNode }[];
};

/** Loaded when its button is pressed for the first time, so it has no trigger of its own. */
export function ChoiceMenu({
  anchor,
  groups,
  label,
  extra,
  onClose,
}: {
  anchor: RefObject<HTMLElement | null>;
  groups: ChoiceGroup[];
  label: string;
  extra?: MenuEntry[];
  onClose: () => void;
}) {
  return (
    <Popover
      triggerRef={anchor}
      isOpen
      onOpenChange={(open) => !open && onClose()}
      className={layerClass}
      offset={4}
      placement="bottom end"
      aria-label={label}
    >
      <AriaMenu aria-label={label} autoFocus="first" className="min-w-52 p-1 outline-none">
        {groups.map((group) => (
          <MenuSection
            key={group.id}
            selectionMode="single"
            disallowEmptySelection
            selectedKeys={[group.value]}
            onSelectionChange={(keys) => {
              const [first] = [...(keys as Set<string>)];
              if (first) group.onChange(first);
              onClose();
            }}
          >
            <Header className="px-2 pt-2 pb-1 font-medium text-fg3 text-meta">{group.title}</Header>
            {group.options.map((option) => (
              <MenuItem key={option.id} id={option.id} textValue={option.label} className={itemClass}>
                {({ isSelected }) => (
                  <>
                    {option.icon}
                    <span className="flex-1">{option.label}</span>
                    {isSelected && <span aria-hidden>✓</span>}
                  </>
                )}
              </MenuItem>
            ))}
          </MenuSection>
        ))}
        {extra?.map((entry) =>
          'separator' in entry ? (
            <Separator key={entry.id} className="my-1 border-line border-t" />
          ) : (
            <MenuItem
              key={entry.id}
              id={entry.id}
              textValue={entry.label}
              onAction={() => {
                onClose();
                entry.onAction();
              }}
              className={itemClass}
            >
              {entry.icon}
              <span className="flex-1">{entry.label}</span>
            </MenuItem>
          ),
        )}
      </AriaMenu>
    </Popover>
  );
}
