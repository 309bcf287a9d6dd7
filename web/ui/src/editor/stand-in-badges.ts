import { type EditorState, type Extension, RangeSetBuilder, StateField } from '@codemirror/state';
import { Decoration, type DecorationSet, EditorView, WidgetType } from '@codemirror/view';
import { type StandIn, standInRanges } from './stand-ins';

class Badge extends WidgetType {
  constructor(
    readonly label: string,
    readonly kind: StandIn['kind'],
  ) {
    super();
  }
  override eq(other: Badge) {
    return other.label === this.label && other.kind === this.kind;
  }
  override toDOM() {
    const badge = document.createElement('span');
    badge.className = 'cm-standIn';
    badge.dataset.standIn = this.kind;
    badge.textContent = `${this.kind === 'hidden' ? '🔒' : '🔑'} ${this.label}`;
    return badge;
  }
}

const look = EditorView.theme({
  '.cm-standIn': {
    padding: '0 6px',
    border: '1px solid var(--color-line)',
    borderRadius: '4px',
    backgroundColor: 'var(--color-app)',
    color: 'var(--color-fg2)',
    fontFamily: 'var(--font-sans)',
  },
});

/** Shows stand-ins in a JSON text as badges that are moved and deleted as one character. The text keeps them as they are. */
export function standInBadges(labelOf: (standIn: StandIn) => string): Extension {
  const badges = (state: EditorState): DecorationSet => {
    const builder = new RangeSetBuilder<Decoration>();
    for (const { from, to, standIn } of standInRanges(state.doc.toString()))
      builder.add(from, to, Decoration.replace({ widget: new Badge(labelOf(standIn), standIn.kind) }));
    return builder.finish();
  };
  const field = StateField.define<DecorationSet>({
    create: badges,
    update: (value, change) => (change.docChanged ? badges(change.state) : value),
    provide: (each) => [
      EditorView.decorations.from(each),
      EditorView.atomicRanges.of((view) => view.state.field(each, false) ?? Decoration.none),
    ],
  });
  return [field, look];
}
