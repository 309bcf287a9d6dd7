// Strings, patterns and spellings of JSON text.

const WORDS = [
  '', 'a', 'b', 'ab', 'abc', 'aab', 'abab', 'A', 'Z9', 'x-1', 'foo', 'bar', 'foo bar', ' ', 'a\nb', 'line\n', '\t', '0', '007', '12', '3.14', '-1', '_', 'é', 'ä', 'ß', 'Ünï',
  'ж', '日本', '😀', 'a😀b', '😀😀', 'e\u0301', '\u2028', '\u00a0', '\ufeff', 'null', 'true', 'a.b', 'a/b', 'a~b', '%41', '"q"', 'back\\slash', '\u0001', '\u007f', 'k', '\u212a', 'ſ',
];
const FORMATTED = [
  '2026-11-21', '2024-02-29', '2023-02-29', '2026-13-01', '2026-1-1', '2026-11-21T07:36:08Z', '2026-11-21t07:36:08.5+01:00', '2026-11-21T24:00:00Z', '07:36:08Z',
  '07:36:08+23:59', '25:00:00Z', '127.0.0.1', '256.0.0.1', '1.2.3', '01.2.3.4', '::1', '2001:db8::8a2e:370:7334', '1::2::3', '12345::', '2eb8aa08-aa98-11ea-b4aa-73b441d16380',
  '2eb8aa08aa9811eab4aa73b441d16380', '2EB8AA08-AA98-11EA-B4AA-73B441D16380', '2eb8aa08-aa98-11ea-b4aa-73b441d1638', '/a/b', '/a~0b', '/a~2b', 'a/b', '/', '0/a', '01/a', '2#', '1#x',
];
const NAMES = ['a', 'b', 'c', 'aa', 'ab', 'x-1', 'x-2', 'foo', 'bar', 'A', '0', '10', 'é', '😀', 'a/b', 'm~n', 'length', 'longer-name-1', 'longer-name-2', 'longer-name'];

export const aWord = (random) => (random.once(4) ? random.pick(FORMATTED) : random.once(4) ? random.pick(WORDS) + random.pick(WORDS) : random.pick(WORDS));
export const aName = (random) => random.pick(NAMES);
export const someNames = (random, count) => random.some(NAMES, count);

/** Formats for which ajv-formats and the RFCs say the same on every text of this file; see differences.mjs. */
export const FORMATS = ['date', 'date-time', 'ipv4', 'ipv6', 'uuid', 'json-pointer', 'relative-json-pointer'];

const ATOMS = [
  'a', 'b', 'c', 'x', '0', '-', '_', 'é', '😀', '.', '\\d', '\\D', '\\w', '\\W', '\\s', '\\S', '[ab]', '[^ab]', '[a-z]', '[0-9]', '[A-Za-z]', '[^\\d]', '[\\w-]', '[\\s\\S]', '[é-ž]', '[😀-😂]',
  '\\u0061', '\\u{1F600}', '\\x62', '\\n', '\\t', '\\.', '\\/', '\\p{L}', '\\P{L}', '\\p{Lu}', '\\p{Script=Cyrillic}', '[\\p{L}\\d]', '\\b', '\\B', '[^]', '\\cA', '(?:\\0)', '[.]', '[\\b]',
];
const QUANTIFIERS = ['', '', '', '', '*', '+', '?', '{2}', '{1,2}', '{0,}', '*?', '+?', '??', '{0}'];
// Around what repeats or branches itself: with others JavaScript's engine takes for ever (ours does not).
const BOUNDED = ['', '?', '{1,2}', '{2}', '{0}'];
// PCRE2 looks back over texts of one length only; see differences.mjs.
const FIXED = ['a', '[ab]', 'ab', '\\d', '^', 'x|a', '😀'];
const ASSERTIONS = new Set(['\\b', '\\B']);

function aTerm(random, depth) {
  if (depth > 0 && random.once(4)) {
    if (random.once(12)) return `(?${random.pick(['<=', '<!'])}${random.pick(FIXED)})`;
    const inner = aRegex(random, depth - 1);
    if (random.once(8)) return `(?${random.pick(['=', '!'])}${inner})`;
    return `(${random.pick(['', '?:'])}${inner})${random.pick(/[*+,|]/.test(inner) ? BOUNDED : QUANTIFIERS)}`;
  }
  const atom = random.pick(ATOMS);
  return ASSERTIONS.has(atom) ? atom : atom + random.pick(QUANTIFIERS);
}

function aRegex(random, depth) {
  const alternatives = [];
  for (let i = random.once(4) ? 2 : 1; i > 0; --i) {
    let text = '';
    for (let k = random.between(1, 3); k > 0; --k) text += aTerm(random, depth);
    alternatives.push(text);
  }
  return alternatives.join('|');
}

/** A pattern that JavaScript accepts with the u flag. */
export function aPattern(random) {
  let text = aRegex(random, 2);
  if (random.once(12)) text = `(${aRegex(random, 1)})${random.pick(['', 'x'])}\\1`;
  if (random.once(12)) text = `(?<n>${aRegex(random, 0)})\\k<n>`;
  if (random.once(3)) text = `^${text}`;
  if (random.once(3)) text += '$';
  return text;
}

/** A text that `pattern` matches if some try finds one; any text otherwise. */
export function aTextFor(random, pattern) {
  const regex = new RegExp(pattern, 'u');
  for (let i = 0; i < 12; ++i) {
    const text = aWord(random);
    if (regex.test(text)) return text;
  }
  return aWord(random);
}

function spellNumber(random, value) {
  const plain = JSON.stringify(value);
  if (!/^-?\d{1,15}$/.test(plain)) return plain;
  return plain + random.pick(['', '', '', '', '.0', 'e0', '.000', 'E+0', 'e-0']);
}

function spellString(random, value) {
  const plain = JSON.stringify(value);
  if (!random.once(6)) return plain;
  // Per code unit, so that surrogate pairs are spelled as such.
  return `"${Array.from({ length: value.length }, (_, i) => `\\u${value.charCodeAt(i).toString(16).padStart(4, '0')}`).join('')}"`;
}

/** JSON text of a value: members in any order, numbers and strings spelled in any way that means the same. */
export function spell(random, value) {
  if (typeof value === 'number') return spellNumber(random, value);
  if (typeof value === 'string') return spellString(random, value);
  const space = () => random.pick(['', '', ' ', '\t']);
  if (Array.isArray(value)) return `[${space()}${value.map((item) => spell(random, item)).join(`${space()},`)}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  const members = random.some(Object.keys(value), Number.POSITIVE_INFINITY).map((key) => `${spellString(random, key)}:${space()}${spell(random, value[key])}`);
  return `{${members.join(',')}}`;
}
