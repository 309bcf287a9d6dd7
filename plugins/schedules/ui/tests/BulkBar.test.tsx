import { fireEvent, render, screen, waitFor } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProblemError } from '@/api/problem';
import en from '@/i18n/en.json';
import { BulkBar } from '../BulkBar';
import type { BulkItem, BulkJob } from '../bulk';
import * as bulk from '../bulk';
import schedules from '../messages/en.json';

const over = (change: Partial<BulkJob>): BulkJob => ({
  id: 'job',
  action: 'pause',
  arguments: {},
  state: 'finished',
  total: 0,
  done: 0,
  failed: 0,
  skipped: 0,
  waiting: 0,
  undo_of: null,
  undone_by: null,
  undoable: true,
  created_at: '2026-11-21T08:00:00Z',
  created_by: 'Ann',
  started_at: '2026-11-21T08:00:00Z',
  ended_at: '2026-11-21T08:00:01Z',
  ...change,
});
const failure = (name: string, code: string): BulkItem => ({
  ordinal: 1,
  schedule_id: `id of ${name}`,
  name,
  state: 'failed',
  code,
  message: `${name} says no.`,
  run_id: null,
});

function show(total: number, ids = ['a', 'b']) {
  const onClear = vi.fn();
  render(
    <IntlProvider locale="en" messages={{ ...en, schedules } as never} timeZone="UTC">
      <BulkBar ids={ids} filter={{ label: 'red' }} total={total} onClear={onClear} denied={null} runDenied={null} />
    </IntlProvider>,
  );
  return onClear;
}
const click = (name: string) => fireEvent.click(screen.getAllByRole('button', { name }).at(-1)!);

describe('the bulk bar', () => {
  const start = vi.spyOn(bulk, 'startBulk');
  const undo = vi.spyOn(bulk, 'undoBulk');
  const failed = vi.spyOn(bulk, 'failedItems');
  let ended: BulkJob;
  beforeEach(() => {
    start
      .mockReset()
      .mockImplementation(async (action) => over({ action, state: 'waiting', ended_at: null, total: 4, waiting: 4 }));
    undo.mockReset().mockImplementation(async () => over({ action: 'resume', undo_of: 'job', ended_at: null }));
    failed.mockReset().mockResolvedValue([]);
    vi.spyOn(bulk, 'watchBulk').mockImplementation(() => ({ ended: Promise.resolve(ended), stop: () => undefined }));
  });
  afterEach(() => void vi.clearAllMocks());

  it('is about the chosen rows, and takes them back', async () => {
    ended = over({ total: 2, done: 2 });
    const onClear = show(4);
    click('Pause 2 schedules');
    await screen.findByText('Paused 2 of 2.');
    expect(start).toHaveBeenCalledWith('pause', { ids: ['a', 'b'] });
    expect(onClear).toHaveBeenCalled();
    ended = over({ undo_of: 'job', undoable: false, total: 2, done: 2 });
    click('Undo');
    await screen.findByText('Taken back 2 of 2.');
    expect(undo).toHaveBeenCalledWith('job');
    expect(screen.queryByRole('button', { name: 'Undo' })).toBeNull();
  });

  it('is about all that match only when that was asked for, with their number, and asks again', async () => {
    ended = over({ total: 18, done: 18 });
    show(18);
    expect(screen.getByRole('toolbar').textContent).toContain('2 selected');
    click('Select all 18 matching');
    expect(screen.getByRole('toolbar').textContent).toContain('18 selected');
    click('Pause 18 schedules');
    expect(start).not.toHaveBeenCalled();
    click('Pause 18 schedules');
    await screen.findByText('Paused 18 of 18.');
    expect(start).toHaveBeenCalledWith('pause', { filter: { label: 'red' }, expected_count: 18 });
  });

  it('shows what failed with why, and does those again', async () => {
    ended = over({ action: 'resume', total: 4, done: 1, failed: 2, skipped: 1 });
    failed.mockResolvedValue([failure('x', 'RUN_AT_PASSED'), { ...failure('y', 'NOT_FOUND'), ordinal: 2 }]);
    const onClear = show(2);
    click('Resume 2 schedules');
    await screen.findByText('y says no.');
    expect(screen.getByText(/Resumed 1 of 4/)).toBeTruthy();
    expect(screen.getByText('1 needed no change.')).toBeTruthy();
    expect(onClear).not.toHaveBeenCalled();
    click('Let expire');
    await waitFor(() => expect(start).toHaveBeenLastCalledWith('resume', { ids: ['id of x'] }, 'expire'));
    await screen.findByText('y says no.');
    click('Retry 2');
    await waitFor(() => expect(start).toHaveBeenLastCalledWith('resume', { ids: ['id of x', 'id of y'] }, undefined));
  });

  it('says why nothing was begun', async () => {
    start.mockRejectedValue(
      new ProblemError({
        type: '',
        title: '',
        status: 409,
        code: 'COUNT_CHANGED',
        detail: 'The filter matches 17 now.',
      }),
    );
    show(18);
    click('Select all 18 matching');
    click('Resume 18 schedules');
    click('Resume 18 schedules');
    await screen.findByText(/matches 17 now/);
    click('Close');
    await waitFor(() => expect(screen.queryByText(/matches 17 now/)).toBeNull());
  });
});
