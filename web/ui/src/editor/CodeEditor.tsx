import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { yaml } from '@codemirror/lang-yaml';
import {
  bracketMatching,
  defaultHighlightStyle,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { type Diagnostic, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { Compartment, EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { type Ref, useEffect, useImperativeHandle, useRef } from 'react';
import { useTranslations } from 'use-intl';
import { standInBadges } from './stand-in-badges';

export type Marker = { from: number; to: number; message: string; severity?: 'error' | 'warning' };
export type EditorHandle = { focusAt: (offset: number) => void; format: (text: string) => void };

const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? '';

/** Colours are the page's own tokens, so both themes and forced colours follow without a second theme. */
const theme = EditorView.theme({
  '&': {
    fontSize: '12px',
    backgroundColor: 'var(--color-surface)',
    color: 'var(--color-fg)',
    borderRadius: '6px',
    height: '100%',
  },
  '&.cm-focused': { outline: '2px solid var(--color-focus)', outlineOffset: '-1px' },
  '.cm-scroller': { fontFamily: 'var(--font-mono)', lineHeight: '18px', overflow: 'auto' },
  '.cm-content': { caretColor: 'var(--color-fg)', padding: '8px 0' },
  '.cm-cursor': { borderLeftColor: 'var(--color-fg)' },
  '.cm-gutters': {
    backgroundColor: 'var(--color-app)',
    color: 'var(--color-fg3)',
    border: 'none',
    borderRight: '1px solid var(--color-line)',
  },
  '.cm-activeLine': { backgroundColor: 'color-mix(in srgb, var(--color-hover) 55%, transparent)' },
  '.cm-activeLineGutter': { backgroundColor: 'var(--color-hover)' },
  '.cm-selectionBackground, &.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground': {
    backgroundColor: 'var(--color-accent-tint)',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--color-raised)',
    border: '1px solid var(--color-line)',
    borderRadius: '6px',
    color: 'var(--color-fg)',
    maxWidth: '480px',
  },
  '.cm-lintRange-error': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--color-failed)',
    textUnderlineOffset: '3px',
  },
  '.cm-lintRange-warning': {
    backgroundImage: 'none',
    textDecoration: 'underline wavy var(--color-late)',
    textUnderlineOffset: '3px',
  },
  '.cm-diagnostic-error': { borderLeftColor: 'var(--color-failed)' },
  '.cm-diagnostic-warning': { borderLeftColor: 'var(--color-late)' },
  '.cm-lint-marker-error': {
    content: 'none',
    width: '10px',
    height: '10px',
    marginTop: '4px',
    borderRadius: '50%',
    backgroundColor: 'var(--color-failed)',
  },
  '.cm-lint-marker-warning': {
    content: 'none',
    width: '10px',
    height: '10px',
    marginTop: '4px',
    borderRadius: '50%',
    backgroundColor: 'var(--color-late)',
  },
  '.cm-matchingBracket': { backgroundColor: 'var(--color-hover)', outline: '1px solid var(--color-line)' },
  '.cm-foldPlaceholder': { backgroundColor: 'var(--color-hover)', border: 'none', color: 'var(--color-fg3)' },
});
const highlight = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--color-accent)' },
  { tag: tags.string, color: 'var(--color-success)' },
  { tag: tags.number, color: 'var(--color-late)' },
  { tag: [tags.bool, tags.null, tags.keyword], color: 'var(--color-invalid)' },
  { tag: tags.comment, color: 'var(--color-fg3)', fontStyle: 'italic' },
  { tag: [tags.punctuation, tags.separator, tags.bracket], color: 'var(--color-fg3)' },
]);

/**
 * Typing over a selection. Left to the browser, Chromium keeps the look of the replaced text in a style attribute, which
 * the content security policy blocks and reports; as a transaction there is nothing to keep.
 */
const replaceSelection = EditorView.domEventHandlers({
  beforeinput(event, view) {
    const plain = event.inputType === 'insertText' && event.data && !event.isComposing;
    if (!plain || view.state.readOnly || view.state.selection.main.empty) return false;
    event.preventDefault();
    view.dispatch(view.state.replaceSelection(event.data), { userEvent: 'input.type', scrollIntoView: true });
    return true;
  },
});

const diagnosticsOf = (markers: Marker[], end: number): Diagnostic[] =>
  markers.map((marker) => {
    const from = Math.min(marker.from, end);
    const to = Math.max(from, Math.min(marker.to, end));
    return { from, to, severity: marker.severity ?? 'error', message: marker.message };
  });

function focusAt(editor: EditorView, offset: number) {
  editor.focus();
  editor.dispatch({ selection: { anchor: Math.min(offset, editor.state.doc.length) }, scrollIntoView: true });
}

type Props = {
  value: string;
  onChange?: (value: string) => void;
  language: 'json' | 'yaml';
  label: string;
  markers?: Marker[];
  readOnly?: boolean;
  describedBy?: string;
  invalid?: boolean;
  /** Offset that has the focus as soon as the editor is there. */
  startAt?: number;
  ref?: Ref<EditorHandle>;
};

export default function CodeEditor({
  value,
  onChange,
  language,
  label,
  markers,
  readOnly,
  describedBy,
  invalid,
  startAt,
  ref,
}: Props) {
  const t = useTranslations('editor');
  const standIns = useTranslations('standIn');
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const change = useRef(onChange);
  const parts = useRef({ language: new Compartment(), attributes: new Compartment(), readOnly: new Compartment() });
  change.current = onChange;

  const attributes = () =>
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-multiline': 'true',
      ...(describedBy ? { 'aria-describedby': describedBy } : {}),
      ...(invalid ? { 'aria-invalid': 'true' } : {}),
      ...(readOnly ? { tabindex: '0', 'aria-readonly': 'true' } : {}),
    });

  // biome-ignore lint/correctness/useExhaustiveDependencies: made once; the effects below carry changes into it.
  useEffect(() => {
    const { current } = parts;
    const editor = new EditorView({
      parent: host.current!,
      state: EditorState.create({
        doc: value,
        extensions: [
          nonce ? EditorView.cspNonce.of(nonce) : [],
          lineNumbers(),
          foldGutter(),
          readOnly ? [] : [highlightActiveLine(), highlightActiveLineGutter()],
          history(),
          replaceSelection,
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          syntaxHighlighting(highlight),
          syntaxHighlighting(defaultHighlightStyle, { fallback: true }),
          lintGutter(),
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap, ...lintKeymap, indentWithTab]),
          theme,
          language === 'json'
            ? standInBadges((each) =>
                each.kind === 'hidden'
                  ? standIns('hidden', { type: each.type })
                  : standIns('secret', { name: each.name }),
              )
            : [],
          EditorView.lineWrapping,
          current.language.of(language === 'json' ? json() : yaml()),
          current.attributes.of(attributes()),
          current.readOnly.of([EditorState.readOnly.of(Boolean(readOnly)), EditorView.editable.of(!readOnly)]),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) change.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    view.current = editor;
    if (startAt !== undefined) focusAt(editor, startAt);
    return () => {
      editor.destroy();
      view.current = null;
    };
  }, []);

  useEffect(() => {
    const editor = view.current;
    if (editor && editor.state.doc.toString() !== value)
      editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: value } });
  }, [value]);
  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.language.reconfigure(language === 'json' ? json() : yaml()) });
  }, [language]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: attributes() reads exactly these.
  useEffect(() => {
    view.current?.dispatch({ effects: parts.current.attributes.reconfigure(attributes()) });
  }, [label, describedBy, invalid, readOnly]);
  // Set, not linted: a linter would run only after a change of the text, and the server's word comes later than that.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the same markers may come in a new array.
  useEffect(() => {
    const editor = view.current;
    if (editor) editor.dispatch(setDiagnostics(editor.state, diagnosticsOf(markers ?? [], editor.state.doc.length)));
  }, [JSON.stringify(markers)]);

  useImperativeHandle(ref, () => ({
    focusAt: (offset) => {
      const editor = view.current;
      if (!editor) return;
      focusAt(editor, offset);
    },
    format: (text) => {
      const editor = view.current;
      if (editor) editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: text } });
    },
  }));

  return (
    <div className="relative h-full min-h-0">
      <div
        ref={host}
        className={`h-full overflow-hidden rounded-control border ${invalid ? 'border-failed' : 'border-edge'}`}
      />
      {!readOnly && <p className="sr-only">{t('leaveHint')}</p>}
    </div>
  );
}
