import { pretty } from '@/api/exact-json';
import { standInOf } from '@/editor/stand-ins';
import { StandInChip } from './StandInChip';
import { Table } from './Table';

export type Change = { at: string; before?: unknown; after?: unknown };

/** Before and after of every value that differs, by its place. */
export function ChangeTable({
  head,
  changes,
}: {
  head: { path: string; before: string; after: string };
  changes: readonly Change[];
}) {
  return (
    <Table
      bare
      fixed
      name="changes"
      head={[{ label: head.path, className: 'w-28 sm:w-44' }, { label: head.before }, { label: head.after }]}
    >
      {changes.map((change) => (
        <tr key={change.at} className="border-line border-b align-top last:border-b-0">
          <th scope="row" className="break-words px-3 py-2 text-left font-mono font-normal text-code">
            {change.at}
          </th>
          <td className="px-3 py-2">
            <Value value={change.before} look="bg-failed-tint" />
          </td>
          <td className="px-3 py-2">
            <Value value={change.after} look="bg-success-tint" />
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Value({ value, look }: { value: unknown; look: string }) {
  if (value === null || value === undefined || value === '') return <span className="text-fg3">–</span>;
  const standIn = standInOf(value);
  if (standIn) return <StandInChip standIn={standIn} />;
  return (
    <pre
      className={`scroll-thin max-h-48 overflow-auto whitespace-pre-wrap break-words rounded-chip p-2 font-mono text-code ${look}`}
    >
      {typeof value === 'string' ? value : pretty(value)}
    </pre>
  );
}
