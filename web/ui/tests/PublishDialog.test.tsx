import schedules from '@schedules/messages/en.json';
import { QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { type ReactNode, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api, type Schemas } from '@/api/client';
import { ProblemError } from '@/api/problem';
import { queryClient } from '@/api/queries';
import en from '@/i18n/en.json';
import { noInputs, type PublishInputs } from '@/screens/publish/model';
import PublishDialog from '@/screens/publish/PublishDialog';

vi.mock('@tanstack/react-router', () => ({
  Link: ({
    children,
    to: _to,
    params: _params,
    search: _search,
    ...rest
  }: { children: ReactNode } & Record<string, unknown>) => (
    <a href="/x" {...rest}>
      {children}
    </a>
  ),
}));
vi.mock('@/time/Time', () => ({ Time: ({ value }: { value: string }) => <time>{value}</time> }));

type Plan = Schemas['PublishResult'];
type Request = Schemas['PublishRequest'];
const line = (name: string, verdict: 'invalid' | 'rebound', more: object = {}): Plan['schedules'][number] => ({
  id: `id of ${name}`,
  name,
  verdict,
  status: verdict === 'invalid' ? 'invalid' : 'active',
  previous_status: 'active',
  violations: [],
  reason: '',
  next_due_at: null,
  payload_changed: false,
  ...more,
});
const plan = (lines: Plan['schedules'], more: Partial<Plan> = {}): Plan => ({
  workflow_id: 'w',
  version: 2,
  dry_run: true,
  schedules: lines,
  next_cursor: null,
  counts: {
    rebound: lines.filter((each) => each.verdict === 'rebound').length,
    invalid: lines.filter((each) => each.verdict === 'invalid').length,
    revived: 0,
    still_invalid: 0,
    left: 0,
  },
  plan_hash: `hash ${JSON.stringify(lines)}`,
  schema_changes: [
    { pointer: '/region', change: 'removed', before: { type: 'string' }, after: null },
    { pointer: '/area', change: 'added', before: null, after: { type: 'string' } },
  ],
  payload_schema: { type: 'object' },
  payloads_checked: lines.length,
  payloads_changed: 0,
  at_risk: [],
  ...more,
});
const refusal = (status: number, code: string, detail: string, field?: string) =>
  new ProblemError({ type: '', title: '', status, code, detail, field });

let planned: (body: Request) => Plan;
let published: (body: Request) => Plan;
const asked: Request[] = [];
const sent: Request[] = [];
vi.spyOn(api, 'POST').mockImplementation((async (path: string, { body }: { body: Request }) => {
  if (path.endsWith('/plan')) {
    asked.push(body);
    return { data: await planned(body), response: new Response() };
  }
  sent.push(body);
  return { data: published(body), response: new Response() };
}) as never);
vi.spyOn(api, 'GET').mockImplementation((async (path: string) => ({
  data: path.endsWith('/draft') ? { revision: 9 } : { phase: 'validating', done: 40, total: 100 },
  response: new Response(),
})) as never);

function Host({ inputs: first }: { inputs: PublishInputs }) {
  const [inputs, setInputs] = useState(first);
  const workflow = { id: 'w', name: 'Order', latest_version: 1 } as Schemas['WorkflowSummary'];
  return (
    <PublishDialog
      workflow={workflow}
      draftRevision={7}
      inputs={inputs}
      onInputs={setInputs}
      onClose={() => undefined}
    />
  );
}
const open = (inputs = noInputs) =>
  render(
    <QueryClientProvider client={queryClient}>
      <IntlProvider locale="en" messages={{ ...en, schedules } as never} timeZone="UTC">
        <Host inputs={inputs} />
      </IntlProvider>
    </QueryClientProvider>,
  );
const publish = () => fireEvent.click(screen.getByRole('button', { name: 'Publish version 2' }));
const ready = () => waitFor(() => expect(document.querySelector('[data-plan=current]')).toBeTruthy());

beforeEach(() => {
  queryClient.clear();
  asked.length = 0;
  sent.length = 0;
  planned = () => plan([line('A', 'invalid'), line('B', 'rebound')]);
  published = () => plan([line('A', 'invalid'), line('B', 'rebound')], { dry_run: false });
});

describe('the publish dialog', () => {
  it('publishes exactly the plan that was read, once its price is accepted', async () => {
    open();
    await ready();
    expect(asked).toEqual([{ draft_revision: 7 }]);
    expect(screen.getByText(/1 stays valid · none revives · 1 becomes invalid/)).toBeTruthy();
    publish();
    expect(sent).toEqual([]);
    fireEvent.click(screen.getByRole('checkbox'));
    fireEvent.change(screen.getByLabelText('Note'), { target: { value: ' why ' } });
    publish();
    await screen.findByText(/1 stayed valid · none revived · 1 became invalid/);
    expect(sent).toEqual([{ draft_revision: 7, note: 'why', plan_hash: planned({}).plan_hash }]);
    expect(screen.getByText('Show the invalid schedule')).toBeTruthy();
  });

  it('plans anew with a suggested change, and shows before and after', async () => {
    planned = (body) =>
      body.migration
        ? plan([
            line('A', 'rebound', {
              payload_changed: true,
              payload_changes: [{ pointer: '/area', kind: 'added', after: 'eu' }],
            }),
          ])
        : plan([line('A', 'invalid')]);
    open();
    await ready();
    fireEvent.click(screen.getByRole('button', { name: 'Rename /region to /area' }));
    fireEvent.click(await screen.findByRole('button', { name: '1 value changes' }));
    expect(screen.getByText('eu')).toBeTruthy();
    expect(screen.queryByRole('checkbox')).toBeNull();
    await ready();
    publish();
    await waitFor(() => expect(sent).toHaveLength(1));
    expect(sent[0]!.migration).toEqual([{ op: 'rename', from: '/region', to: '/area' }]);
  });

  it('says at the operation what the server refuses, and keeps the last plan in sight', async () => {
    planned = (body) => {
      if (body.migration) throw refusal(422, 'MIGRATION_MALFORMED', 'It does not compile.', '/migration/0/expr');
      return plan([line('A', 'invalid')]);
    };
    open();
    await ready();
    fireEvent.click(screen.getByRole('button', { name: 'Rename /region to /area' }));
    await screen.findByText('It does not compile.');
    expect(screen.getByText('A')).toBeTruthy();
    fireEvent.click(screen.getByRole('checkbox'));
    publish();
    expect(sent).toEqual([]);
  });

  it('says what overtook the plan, plans again and keeps what was typed', async () => {
    let turn = 0;
    published = () => {
      if (turn++ === 0) throw refusal(409, 'PLAN_STALE', 'Since the plan: 1 schedule was edited (B).');
      return plan([line('B', 'invalid')], { dry_run: false });
    };
    open();
    await ready();
    fireEvent.click(screen.getByRole('checkbox'));
    fireEvent.change(screen.getByLabelText('Note'), { target: { value: 'kept' } });
    planned = () => plan([line('B', 'invalid')]);
    publish();
    await screen.findByText(/1 schedule was edited \(B\)/);
    await waitFor(() => expect(screen.queryByText('A')).toBeNull());
    await ready();
    expect((screen.getByRole('checkbox') as HTMLInputElement).checked).toBe(false);
    expect((screen.getByLabelText('Note') as HTMLInputElement).value).toBe('kept');
    fireEvent.click(screen.getByRole('checkbox'));
    publish();
    await waitFor(() => expect(sent).toHaveLength(2));
    expect(sent[1]!.plan_hash).toBe(planned({}).plan_hash);
  });

  it('sets a correction aside when its schedule has gone on, and does not lose it', async () => {
    planned = (body) => {
      if (body.payload_fixes) throw refusal(409, 'FIX_STALE', 'It was changed.', '/payload_fixes/id of A');
      return plan([line('A', 'invalid')]);
    };
    open({
      ...noInputs,
      fixes: { 'id of A': { name: 'A', text: '{"n": 1}', revision: 1, ready: true, stale: false } },
    });
    await screen.findByText('A corrected payload is set aside');
    await ready();
    expect(asked[0]!.payload_fixes).toEqual({ 'id of A': { revision: 1, payload: { n: 1 } } });
    expect(asked.at(-1)!.payload_fixes).toBeUndefined();
    expect(screen.getByText('Correction set aside')).toBeTruthy();
    fireEvent.click(screen.getByRole('button', { name: 'Discard correction of A' }));
    await waitFor(() => expect(screen.queryByText('Correction set aside')).toBeNull());
  });

  it('shows how far a long plan has come', async () => {
    planned = () => new Promise(() => undefined) as never;
    open();
    await screen.findByText('Checked 40 of 100 payloads', undefined, { timeout: 3000 });
    expect(screen.getByRole('progressbar').getAttribute('value')).toBe('40');
    publish();
    expect(sent).toEqual([]);
  });

  it('plans a draft that somebody changed only when asked to', async () => {
    planned = (body) => {
      if (body.draft_revision !== 9) throw refusal(409, 'DRAFT_CHANGED', 'The draft was changed to revision 9.');
      return plan([line('A', 'rebound')]);
    };
    open();
    await screen.findByText('The draft was changed to revision 9.');
    fireEvent.click(screen.getByRole('button', { name: 'Plan the changed draft' }));
    await ready();
    expect(asked.at(-1)).toEqual({ draft_revision: 9 });
    publish();
    await waitFor(() => expect(sent).toHaveLength(1));
  });

  it('does not publish a correction that does not fit', async () => {
    open({ ...noInputs, fixes: { 'id of A': { name: 'A', text: '{}', revision: 1, ready: true, stale: false } } });
    await ready();
    fireEvent.click(screen.getByRole('checkbox'));
    publish();
    expect(sent).toEqual([]);
    expect(screen.getByText('Corrected')).toBeTruthy();
  });

  it('shows the schedules of one verdict, fifty at a time, and asks the server where it has more', async () => {
    const many = Array.from({ length: 120 }, (_, index) => line(`S${index}`, 'rebound'));
    planned = (body) => {
      if (body.cursor) return plan(many.slice(60), { next_cursor: null, plan_hash: 'other' });
      if (body.verdict) return plan([line('X', 'invalid')], { plan_hash: 'other' });
      return plan(many.slice(0, 60), {
        next_cursor: '60',
        counts: { rebound: 120, invalid: 1, revived: 0, still_invalid: 0, left: 0 },
      });
    };
    open();
    await ready();
    const rows = () => document.querySelectorAll('[data-table=impact] tbody tr').length;
    expect(rows()).toBe(50);
    fireEvent.click(screen.getByRole('button', { name: 'Next page' }));
    await screen.findByText('S99');
    expect(rows()).toBe(50);
    expect(asked.at(-1)).toMatchObject({ cursor: '60' });
    fireEvent.click(
      within(screen.getByRole('group', { name: 'Show' })).getByRole('button', { name: /Becomes invalid/ }),
    );
    await screen.findByText('X');
    expect(asked.at(-1)).toMatchObject({ verdict: 'invalid' });
    expect(rows()).toBe(1);
  });
});
