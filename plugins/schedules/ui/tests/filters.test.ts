import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  activeFilters,
  KINDS,
  type ScheduleSearch,
  SORTS,
  STATUSES,
  toFilters,
  validateScheduleSearch,
} from '../filters';

const word = fc
  .string({ minLength: 1 })
  .map((text) => text.trim())
  .filter((text) => text.length > 0);
const search: fc.Arbitrary<ScheduleSearch> = fc.record(
  {
    workflow: fc.uuid(),
    kind: fc.constantFrom(...KINDS),
    status: fc.constantFrom(...STATUSES),
    label: word,
    text: word,
    sort: fc.constantFrom(...SORTS),
    edit: fc.uuid(),
    clone: fc.uuid(),
    new: fc.constant(1 as const),
  },
  { requiredKeys: [] },
);

describe('filters in the address', () => {
  it('come back as they were', () => {
    fc.assert(
      fc.property(search, (each) => {
        expect(validateScheduleSearch(JSON.parse(JSON.stringify(each)))).toEqual(each);
      }),
    );
  });
  it('drop what nobody knows, whatever somebody typed', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom('kind', 'status', 'sort', 'text', 'evil'), fc.anything()), (typed) => {
        const read = validateScheduleSearch(typed);
        expect(validateScheduleSearch(read)).toEqual(read);
        expect(read).not.toHaveProperty('evil');
        if (read.status) expect(STATUSES).toContain(read.status);
      }),
    );
  });
  it('take what nobody knows out of the address as typed', () => {
    const typed = { kind: 'hourly', status: 'x', sort: 'colour' };
    expect({ ...typed, ...validateScheduleSearch(typed) }).toEqual({});
  });
  it('become the query of the list', () => {
    expect(toFilters({ workflow: 'w', status: 'invalid', text: 'x', sort: '-name', new: 1 })).toEqual({
      workflow_id: 'w',
      kind: undefined,
      status: 'invalid',
      label: undefined,
      text: 'x',
      sort: '-name',
    });
    expect(activeFilters({ workflow: 'w', text: 'x', sort: 'name', edit: 'e' })).toBe(2);
  });
  it('take a number typed into the search for text', () => {
    expect(validateScheduleSearch({ text: 42 })).toEqual({ text: '42' });
  });
});
