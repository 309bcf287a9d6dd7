import { expect, it } from 'vitest';
import { piecesOf } from '@/time/Sentence';

it('finds every instant of a sentence of the hub, and loses nothing of it', () => {
  const text = 'Held (user) since 2026-03-01T08:00:00Z by Ana, until 2026-03-02T08:00:00.250Z.';
  expect(piecesOf(text)).toEqual([
    { text: 'Held (user) since ' },
    { instant: '2026-03-01T08:00:00Z' },
    { text: ' by Ana, until ' },
    { instant: '2026-03-02T08:00:00.250Z' },
    { text: '.' },
  ]);
  expect(piecesOf('Nothing holds it.')).toEqual([{ text: 'Nothing holds it.' }]);
  expect(piecesOf('')).toEqual([]);
});
