import type { ReactNode } from 'react';
import { Tab, TabList, TabPanel, Tabs } from 'react-aria-components/Tabs';

export type TabItem = {
  id: string;
  label: ReactNode;
  content: ReactNode /** The panel fills the page and scrolls inside. */;
  fill?: boolean;
};

export function TabBar({
  label,
  value,
  onChange,
  items,
}: {
  label: string;
  value: string;
  onChange: (id: string) => void;
  items: TabItem[];
}) {
  return (
    <Tabs
      selectedKey={value}
      onSelectionChange={(key) => onChange(String(key))}
      className="flex min-h-0 flex-1 flex-col"
    >
      <TabList
        aria-label={label}
        className="scroll-thin flex shrink-0 gap-1 overflow-x-auto border-line border-b px-4 md:px-6"
      >
        {items.map((item) => (
          <Tab
            key={item.id}
            id={item.id}
            className="-mb-px flex h-9 cursor-pointer items-center gap-1.5 whitespace-nowrap border-transparent border-b-2 px-2.5 text-fg2 -outline-offset-2! hover:text-fg selected:border-accent selected:font-medium selected:text-fg"
          >
            {item.label}
          </Tab>
        ))}
      </TabList>
      {items.map((item) => (
        <TabPanel
          key={item.id}
          id={item.id}
          className={item.fill ? 'flex min-h-80 flex-1 flex-col outline-none' : 'flex-1 p-4 outline-none md:p-6'}
        >
          {item.content}
        </TabPanel>
      ))}
    </Tabs>
  );
}
