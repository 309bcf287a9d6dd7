import { findNodeAtLocation, modify, type Node, parseTree } from 'jsonc-parser';

/*
 * Changes to one place of a JSON text. Everything else stays as it was typed, to the character: the digits of a number
 * that a double cannot hold, the order of members, the white space.
 */
export type Path = (string | number)[];

export const treeOf = (text: string): Node | undefined => parseTree(text);
export const nodeAt = (root: Node | undefined, path: Path): Node | undefined =>
  root && path.length > 0 ? findNodeAtLocation(root, path) : root;

/** The characters of a value, with its lines moved to the left margin. */
export function sourceOf(text: string, node: Node): string {
  const source = text.slice(node.offset, node.offset + node.length);
  const lines = source.split('\n');
  const indents = lines.slice(1).flatMap((line) => (line.trim() ? [/^\s*/.exec(line)![0].length] : []));
  const least = Math.min(...indents, Number.POSITIVE_INFINITY);
  return lines.map((line, index) => (index === 0 ? line : line.slice(Math.min(least, line.length)))).join('\n');
}

const formattingOptions = { tabSize: 2, insertSpaces: true, eol: '\n' };
const PLACEHOLDER = '\u{f8ff}new value';

/** The text with this value, itself JSON text, at the place. Parents that are absent are made as objects. */
export function putJson(text: string, path: Path, json: string): string {
  const node = nodeAt(treeOf(text), path);
  if (node) return text.slice(0, node.offset) + json + text.slice(node.offset + node.length);
  return modified(text, path, json);
}

/** The text with one element more at the end of the array at the place. */
export function pushJson(text: string, path: Path, json: string): string {
  const list = nodeAt(treeOf(text), path);
  if (list?.type !== 'array') return putJson(text, path, `[${json}]`);
  return modified(text, [...path, list.children?.length ?? 0], json, true);
}

export function removeAt(text: string, path: Path): string {
  return nodeAt(treeOf(text), path) ? apply(text, modify(text, path, undefined, { formattingOptions })) : text;
}

function modified(text: string, path: Path, json: string, isArrayInsertion = false): string {
  const edits = modify(text, path, PLACEHOLDER, { formattingOptions, isArrayInsertion });
  const written = JSON.stringify(PLACEHOLDER);
  return apply(
    text,
    edits.map((edit) => ({ ...edit, content: edit.content.replace(written, () => json) })),
  );
}

function apply(text: string, edits: { offset: number; length: number; content: string }[]): string {
  return [...edits]
    .sort((a, b) => b.offset - a.offset)
    .reduce((old, edit) => old.slice(0, edit.offset) + edit.content + old.slice(edit.offset + edit.length), text);
}

const NUMBER = /^-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?$/;
/** What somebody typed into a field of numbers: a number, or else the text itself, which the schema then refuses in sight. */
export const numberOrText = (typed: string) => (NUMBER.test(typed) ? typed : JSON.stringify(typed));

/** A member that an object has twice. Reading it would silently drop the first. */
export function duplicateOf(root: Node | undefined): { name: string; offset: number } | null {
  if (!root) return null;
  const names = new Set<string>();
  for (const child of root.children ?? []) {
    if (root.type === 'object') {
      const key = child.children![0]!;
      if (names.has(key.value as string)) return { name: key.value as string, offset: key.offset };
      names.add(key.value as string);
    }
    const deeper = duplicateOf(child);
    if (deeper) return deeper;
  }
  return null;
}
