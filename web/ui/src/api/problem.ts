import type { components } from './schema';

export type Problem = components['schemas']['Problem'];
export type Violation = components['schemas']['Violation'];

/** Every refusal of the server, and the two that happen before it answers (offline, not a problem document). */
export class ProblemError extends Error {
  constructor(
    readonly problem: Problem,
    /** `ETag` or revision of what is there now, if the answer said so. */
    readonly etag: string | null = null,
  ) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
  }
  get status() {
    return this.problem.status;
  }
  get code() {
    return this.problem.code;
  }
  get isOffline() {
    return this.problem.code === 'CLIENT_OFFLINE';
  }
}

export function toProblem(status: number, body: unknown): Problem {
  if (body && typeof body === 'object' && 'code' in body && 'detail' in body) return { ...(body as Problem), status };
  const detail =
    typeof body === 'string' && body.length > 0 && body.length < 300 ? body : `The server answered ${status}.`;
  return { type: 'about:blank', title: `HTTP ${status}`, status, detail, code: `HTTP_${status}` };
}

export const offlineProblem: Problem = {
  type: 'about:blank',
  title: 'Not connected',
  status: 0,
  detail: 'The hub could not be reached.',
  code: 'CLIENT_OFFLINE',
};

export function problemOf(error: unknown): Problem {
  if (error instanceof ProblemError) return error.problem;
  return {
    type: 'about:blank',
    title: 'Unexpected error',
    status: 0,
    detail: error instanceof Error ? error.message : String(error),
    code: 'CLIENT_ERROR',
  };
}
