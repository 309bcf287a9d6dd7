import { describe, expect, it } from 'vitest';
import { validatePageSearch, validateSignInSearch, validateWorkflowSearch } from '@/app/addresses';
import { validateRunSearch } from '@/screens/run-filters';

type Validate = (search: Record<string, unknown>) => object;
/** As the router does it: the answer over the address as typed. */
const reaching = (validate: Validate, typed: Record<string, unknown>) => ({ ...typed, ...validate(typed) });

describe('an address as somebody typed it', () => {
  it('reaches its page without a moment that is none', () => {
    expect(reaching(validatePageSearch, { at: 'yesterday', tab: 'fires' })).toEqual({ tab: 'fires' });
    expect(reaching(validatePageSearch, { at: 5 })).toEqual({});
    expect(reaching(validatePageSearch, { at: 'next' })).toEqual({ at: 'next' });
    expect(reaching(validatePageSearch, { at: '2026-03-02T10:00:00Z' })).toEqual({ at: '2026-03-02T10:00:00Z' });
  });
  it('reaches every other page as that page reads it', () => {
    const odd = { nested: true };
    expect(reaching(validatePageSearch, { tab: odd, edit: 0, verdict: [1] })).toEqual({});
    expect(reaching(validateWorkflowSearch, { text: odd, new: false })).toEqual({});
    expect(reaching(validateWorkflowSearch, { text: 42, new: true })).toEqual({ text: '42', new: 1 });
    expect(reaching(validateSignInSearch, { next: odd })).toEqual({});
    expect(reaching(validateRunSearch, { state: 'odd', reason: 3, from: 'yesterday', to: odd })).toEqual({});
  });
});
