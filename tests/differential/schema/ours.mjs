// `carillon schema validate`: JSON lines in, JSON lines out.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const program = process.env.CARILLON_BIN ?? fileURLToPath(new URL('../../../build/release/carillon', import.meta.url));

export const lineOf = (dialect, schema, text) => `{"dialect":"${dialect}","schema":${JSON.stringify(schema)},"instance":${text}}`;

/** The answers to some lines, in order. */
export function ask(lines) {
  const run = spawnSync(program, ['schema', 'validate'], { input: lines.join('\n'), maxBuffer: 1 << 30, encoding: 'utf8' });
  if (run.error) throw run.error;
  const answers = run.stdout.split('\n').filter((line) => line !== '');
  if (run.status !== 0 || answers.length !== lines.length)
    throw new Error(`${program} answered ${answers.length} of ${lines.length} lines and ended with ${run.status ?? run.signal}: ${run.stderr}`);
  return answers.map((line) => JSON.parse(line));
}

export const verdictOf = (answer) => (answer.error ? 'refused' : answer.valid ? 'valid' : 'invalid');
