import { act, render, screen } from '@testing-library/react';
import { IntlProvider } from 'use-intl';
import { beforeEach, describe, expect, it } from 'vitest';
import { setPreferences, type ZoneMode } from '@/app/preferences';
import { Time, WorkspaceZone } from '@/time/Time';

const instant = '2026-11-24T08:00:00.000Z';
const show = () =>
  render(
    <IntlProvider locale="en" messages={{} as never} timeZone="UTC">
      <WorkspaceZone value="Asia/Tokyo">
        <Time value={instant} scheduleZone="Europe/Berlin" />
      </WorkspaceZone>
    </IntlProvider>,
  );

describe('<Time>', () => {
  beforeEach(() => setPreferences({ zoneMode: 'local' }));
  it.each<[ZoneMode, RegExp]>([
    ['local', /03:00 EST$/],
    ['utc', /08:00 UTC$/],
    ['workspace', /17:00 JST$/],
    ['schedule', /09:00 CET$/],
  ])('in mode %s changes its text and never its instant', (zoneMode, text) => {
    show();
    act(() => setPreferences({ zoneMode }));
    const element = screen.getByText(text);
    expect(element.getAttribute('datetime')).toBe(instant);
  });
});
