import { fireEvent, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { queryClient } from '@/api/queries';
import { applyEvents } from '@/api/stream';
import { setPreferences } from '@/app/preferences';
import { openHub } from '../../../../web/ui/tests/hub';

const viewer = ['schedules.view', 'workflows.view', 'runs.view'];
const editor = [...viewer, 'schedules.manage', 'workflows.manage', 'runs.start'];
const button = (name: string) => screen.findByRole('button', { name });
beforeEach(() => setPreferences({ zoneMode: 'utc' }));
afterEach(() => void vi.unstubAllGlobals());

describe('a link to a form', () => {
  it.each([
    ['/schedules?new=1', 'New schedule', 'schedules.manage'],
    ['/schedules?clone=nightly', 'New schedule', 'schedules.manage'],
    ['/schedules/nightly?edit=1', 'Edit schedule', 'schedules.manage'],
    ['/workflows?new=1', 'New workflow', 'workflows.manage'],
  ])('%s says to a viewer that they may not', async (address, title, permission) => {
    openHub(address, viewer);
    const dialog = await screen.findByRole('dialog', { name: title });
    expect(within(dialog).getByRole('alert').textContent).toContain('You may not do this');
    expect(dialog.textContent).toContain(permission);
    expect(within(dialog).queryByRole('textbox')).toBeNull();
  });
});

describe('a form with unsaved input', () => {
  const dirty = async () => {
    const { router } = openHub('/schedules/nightly?edit=1', editor);
    const name = await screen.findByRole('textbox', { name: /Name/ });
    fireEvent.change(name, { target: { value: 'Nightly, but later' } });
    void router.navigate({ to: '/workflows' });
    await screen.findByRole('alertdialog', { name: 'Discard your changes' });
    return router;
  };
  it('is kept where the reader wants to', async () => {
    const router = await dirty();
    fireEvent.click(await button('Keep editing'));
    await waitFor(() => expect(screen.queryByRole('alertdialog')).toBeNull());
    expect(router.state.location.pathname).toBe('/schedules/nightly');
    expect(screen.getByDisplayValue('Nightly, but later')).toBeTruthy();
  });
  it('is left only then', async () => {
    const router = await dirty();
    fireEvent.click(await button('Discard changes'));
    await waitFor(() => expect(router.state.location.pathname).toBe('/workflows'));
  });
});

describe('the page of a schedule', () => {
  it('stands with a moment in its address that is none', async () => {
    openHub('/schedules/nightly?at=yesterday', viewer);
    await screen.findByRole('heading', { name: 'Nightly' });
    expect(screen.queryByRole('dialog')).toBeNull();
  });
  it('tells the ends of a stretch of seconds apart in the list of fires', async () => {
    const stretch = {
      due_at: '2026-03-02T10:00:00Z',
      last_due_at: '2026-03-02T10:00:14Z',
      fired_at: '2026-03-02T10:01:00Z',
      count: 15,
      verdict: 'missed',
      lateness_ms: 0,
      reason: null,
      run_id: null,
      backfill: null,
    };
    openHub('/schedules/nightly?tab=fires', viewer, {
      'GET /schedules/nightly/fires': { items: [stretch], next_cursor: null },
    });
    expect((await screen.findByText(/15 due times/)).textContent).toMatch(/10:00:00 .*10:00:14 /);
  });
  it('says that the schedule was deleted elsewhere, and offers nothing more', async () => {
    openHub('/schedules/nightly', editor);
    await screen.findByRole('heading', { name: 'Nightly' });
    expect((await button('Edit')).getAttribute('aria-disabled')).not.toBe('true');
    applyEvents(queryClient, [{ topic: 'schedules', id: 'nightly', kind: 'deleted', patch: {} }]);
    await screen.findByText('This schedule was deleted');
    for (const name of ['Edit', 'Run now…', 'Pause schedule'])
      expect((await button(name)).getAttribute('aria-disabled')).toBe('true');
    expect(screen.queryByText('Active')).toBeNull();
    expect(screen.queryByRole('button', { name: 'Explain a moment' })).toBeNull();
  });
  it('finds out by reading again, too', async () => {
    const { told } = openHub('/schedules/nightly', editor);
    await screen.findByRole('heading', { name: 'Nightly' });
    told['GET /schedules/nightly'] = 404;
    await queryClient.invalidateQueries({ queryKey: ['schedules', 'one', 'nightly'] });
    await screen.findByText('This schedule was deleted');
  });
});
