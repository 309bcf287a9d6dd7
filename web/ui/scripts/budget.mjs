// Weighs what a first visit loads and what it may load later, gzipped, and fails when a budget of the visual guide is broken.
import { readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));
const weigh = (file) => gzipSync(readFileSync(new URL(file, dist))).length / 1024;

function closure(key, seen = new Set()) {
  if (seen.has(key)) return seen;
  seen.add(key);
  for (const next of manifest[key].imports ?? []) closure(next, seen);
  return seen;
}
const entryKey = Object.keys(manifest).find((key) => manifest[key].isEntry);
const entry = closure(entryKey);
// A reader loads one language, and the entry names it as a lazy chunk.
for (const key of Object.keys(manifest)) if (/\/en\.json$/.test(key)) entry.add(key);
const initial = [...entry].reduce((sum, key) => sum + weigh(manifest[key].file), 0);
const css = (manifest[entryKey].css ?? []).reduce((sum, file) => sum + weigh(file), 0);
const editorKey = Object.keys(manifest).find((key) => key.endsWith('editor/CodeEditor.tsx'));
const editor = [...closure(editorKey)]
  .filter((key) => !entry.has(key))
  .reduce((sum, key) => sum + weigh(manifest[key].file), 0);
const fonts = readdirSync(new URL('assets/', dist))
  .filter((file) => file.endsWith('.woff2'))
  .reduce((sum, file) => sum + readFileSync(new URL(`assets/${file}`, dist)).length / 1024, 0);

const budgets = [
  ['initial JavaScript', initial, 210],
  ['style sheet', css, 20],
  ['JSON editor', editor, 130],
  ['fonts', fonts, 92],
];
let broken = false;
for (const [name, size, limit] of budgets) {
  const over = size > limit;
  broken ||= over;
  console.log(`${over ? 'OVER ' : 'ok   '} ${name.padEnd(20)} ${size.toFixed(1).padStart(7)} KB of ${limit}`);
}
process.exit(broken ? 1 : 0);
