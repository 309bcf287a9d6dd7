import { Link } from '@tanstack/react-router';
import type { Schemas } from '@/api/client';
import { shortId } from '@/screens/run-columns';
import { Status } from '@/ui/Status';

/** The run of a due time, with its state where that is known. */
export function RunLink({ id, state }: { id: string; state?: Schemas['Fire']['run_state'] }) {
  return (
    <Link to="/runs/$id" params={{ id }} className="inline-flex min-h-6 items-center gap-2 hover:underline">
      {state && <Status family="run" value={state} plain />}
      <code className="font-mono text-code text-fg3">{shortId(id)}</code>
    </Link>
  );
}
