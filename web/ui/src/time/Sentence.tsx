import { Time } from './Time';

const INSTANT = /\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g;

/** "since 2026-03-01T08:00:00Z by Ana" → text and instants, in order. */
export function piecesOf(text: string): { text?: string; instant?: string }[] {
  const pieces: { text?: string; instant?: string }[] = [];
  let end = 0;
  for (const match of text.matchAll(INSTANT)) {
    if (match.index > end) pieces.push({ text: text.slice(end, match.index) });
    pieces.push({ instant: match[0] });
    end = match.index + match[0].length;
  }
  if (end < text.length) pieces.push({ text: text.slice(end) });
  return pieces;
}

/** A sentence of the hub, its instants shown in the reader's zone like every other one. */
export function Sentence({ text, scheduleZone }: { text: string; scheduleZone?: string | null }) {
  return (
    <>
      {piecesOf(text).map((piece, index) =>
        piece.instant ? (
          <Time
            key={index}
            value={piece.instant}
            precision={/:00Z$/.test(piece.instant) ? 'minute' : 'second'}
            scheduleZone={scheduleZone}
          />
        ) : (
          piece.text
        ),
      )}
    </>
  );
}
