import { findNodeAtLocation, type Node, type ParseError, parse, parseTree, printParseErrorCode } from 'jsonc-parser';
import type { Violation } from '@/api/problem';
import type { Marker } from './CodeEditor';
import { duplicateOf } from './edit-json';

export const pointerPath = (pointer: string): string[] =>
  pointer === ''
    ? []
    : pointer
        .replace(/^\//, '')
        .split('/')
        .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));

/** Where a JSON Pointer stands in the text. A place that does not exist is shown at the nearest parent that does. */
export function rangeOf(text: string, pointer: string): { from: number; to: number } {
  const root = parseTree(text);
  if (!root) return { from: 0, to: text.length };
  let node: Node = root;
  for (const part of pointerPath(pointer)) {
    const next = findNodeAtLocation(node, [node.type === 'array' ? Number(part) : part]);
    if (!next) break;
    node = next;
  }
  // Of an object only its opening bracket: a whole payload underlined helps nobody.
  if (node.type === 'object' || node.type === 'array') return { from: node.offset, to: node.offset + 1 };
  return { from: node.offset, to: node.offset + node.length };
}

const escapeName = (name: string) => name.replaceAll('~', '~0').replaceAll('/', '~1');
export const pointerOf = (path: readonly (string | number)[]) =>
  path.map((part) => `/${escapeName(String(part))}`).join('');

/** What a violation is about: of a member that is missing or too many that member, not the object around it. */
export function placeOf(violation: Violation): string {
  const { missingProperty, additionalProperty } = violation.params as Record<string, unknown>;
  const member =
    violation.keyword === 'required'
      ? missingProperty
      : violation.keyword === 'additionalProperties' || violation.keyword === 'unevaluatedProperties'
        ? additionalProperty
        : undefined;
  return typeof member === 'string' ? violation.instance + pointerOf([member]) : violation.instance;
}

export function markersOf(text: string, violations: readonly Violation[]): Marker[] {
  return violations.map((violation) => ({ ...rangeOf(text, placeOf(violation)), message: violation.message }));
}

export type SyntaxProblem = { message: string; duplicate?: string; offset: number; line: number; column: number };

/**
 * The first reason why a text cannot be read as JSON without loss, with its place, or null. The browser's parser is the
 * judge of syntax; the place comes from a tolerant one. A member that is there twice counts: reading drops the first.
 */
export function syntaxErrorOf(text: string): SyntaxProblem | null {
  try {
    JSON.parse(text);
  } catch {
    const errors: ParseError[] = [];
    parse(text, errors, { disallowComments: true, allowTrailingComma: false });
    const first = errors[0];
    const message = printParseErrorCode(first?.error ?? 4).replace(
      /([a-z])([A-Z])/g,
      (_, a: string, b: string) => `${a} ${b.toLowerCase()}`,
    );
    return { message, ...lineOf(text, first?.offset ?? text.length) };
  }
  const twice = duplicateOf(parseTree(text));
  return twice && { message: twice.name, duplicate: twice.name, ...lineOf(text, twice.offset) };
}

function lineOf(text: string, offset: number) {
  const before = text.slice(0, offset).split('\n');
  return { offset, line: before.length, column: (before.at(-1) ?? '').length + 1 };
}

export const offsetOf = (text: string, line: number, column: number): number => {
  const lines = text.split('\n');
  const index = Math.max(0, Math.min(line - 1, lines.length - 1));
  const before = lines.slice(0, index).reduce((sum, each) => sum + each.length + 1, 0);
  return before + Math.max(0, Math.min(column - 1, lines[index]!.length));
};
