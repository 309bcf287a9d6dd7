import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { fireEvent, render, screen, within } from '@testing-library/react';
import { type Ref, useRef, useState } from 'react';
import { IntlProvider } from 'use-intl';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { api } from '@/api/client';
import type { Violation } from '@/api/problem';
import type { EditorHandle } from '@/editor/CodeEditor';
import en from '@/i18n/en.json';
import schedules from '../messages/en.json';
import { PayloadField } from '../PayloadField';

const schema = {
  type: 'object',
  required: ['region'],
  properties: {
    region: { type: 'string', title: 'Region' },
    count: { type: 'integer' },
    mode: { enum: ['fast', 'slow'] },
    dry: { type: 'boolean' },
    tags: { type: 'array', items: { type: 'string' } },
    any: {},
  },
};
const missing: Violation = {
  instance: '',
  schema: '/required',
  keyword: 'required',
  message: 'must have the property "region"',
  params: { missingProperty: 'region' } as never,
};

// The JSON view without CodeMirror, which needs a real browser: the same text, the same handle.
vi.mock('@/editor/CodeEditor', async () => {
  const { useImperativeHandle } = await import('react');
  return {
    default: (props: {
      value: string;
      label: string;
      onChange: (text: string) => void;
      ref: Ref<EditorHandle>;
      startAt?: number;
    }) => {
      useImperativeHandle(props.ref, () => ({ focusAt, format: () => undefined }));
      return (
        <textarea
          aria-label={props.label}
          data-start={String(props.startAt)}
          value={props.value}
          onChange={(event) => props.onChange(event.target.value)}
        />
      );
    },
  };
});
const focusAt = vi.fn();

let violations: Violation[] = [];
const post = vi.spyOn(api, 'POST');
vi.spyOn(api, 'GET').mockImplementation((async () => ({ data: {}, response: new Response() })) as never);
beforeEach(() => {
  focusAt.mockReset();
  violations = [];
  post.mockReset().mockImplementation((async () => ({
    data: { valid: violations.length === 0, violations, version: 2 },
    response: new Response(),
  })) as never);
});

let text = '';
function Field({ start }: { start: string }) {
  const [value, setValue] = useState(start);
  const editor = useRef<EditorHandle>(null);
  text = value;
  return (
    <PayloadField
      workflowId="w"
      draftSchema={schema}
      label="Payload"
      editor={editor}
      value={value}
      onChange={setValue}
    />
  );
}
const show = (start: string) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <IntlProvider locale="en" messages={{ ...en, schedules } as never} timeZone="UTC">
        <Field start={start} />
      </IntlProvider>
    </QueryClientProvider>,
  );
const to = (view: string) => fireEvent.click(screen.getByRole('radio', { name: view }));
const type = (label: string | RegExp, value: string) =>
  fireEvent.change(screen.getByLabelText(label), { target: { value } });

const kept = '{\n  "zeta": 12345678901234567890,\n  "region": "eu",\n  "count": 1.0,\n  "any": [1.10]\n}';

describe('a payload in two views', () => {
  it('comes back from the form to the character', () => {
    show(kept);
    to('Form');
    to('JSON');
    expect(text).toBe(kept);
  });

  it('changes only what a field is about', () => {
    show(kept);
    to('Form');
    type(/Region/, 'us');
    expect(text).toBe(kept.replace('"eu"', '"us"'));
    type('count', '9007199254740993');
    expect(text).toBe(kept.replace('"eu"', '"us"').replace('1.0,', '9007199254740993,'));
    fireEvent.click(screen.getByLabelText('dry'));
    expect(text).toContain('"dry": true');
    fireEvent.click(screen.getByRole('button', { name: 'Add to tags' }));
    type(/^tags 1/, 'a');
    expect(JSON.parse(text).tags).toEqual(['a']);
    fireEvent.click(screen.getByRole('button', { name: 'Remove tags 1' }));
    expect(JSON.parse(text).tags).toEqual([]);
    expect(text).toContain('12345678901234567890');
  });

  it('keeps what is no number as text, in sight', () => {
    show(kept);
    to('Form');
    type('count', '12x');
    expect(JSON.parse(text).count).toBe('12x');
    expect((screen.getByLabelText('count') as HTMLInputElement).value).toBe('12x');
    type('count', '12');
    expect(JSON.parse(text).count).toBe(12);
  });

  it('lists what the schema does not name under other fields, digit by digit, with the way to its place', async () => {
    show(kept);
    to('Form');
    const other = screen.getByRole('region', { name: 'Other fields' });
    expect(other.textContent).toContain('12345678901234567890');
    expect(screen.getByText(/1\.10/)).toBeTruthy();
    fireEvent.click(within(other).getByRole('button', { name: 'Edit in JSON: zeta' }));
    const editor = await screen.findByRole('textbox', { name: 'Payload' });
    expect(Number(editor.dataset.start)).toBe(kept.indexOf('1234567890'));
  });

  it('shows a violation at its field in both, and leads there', async () => {
    violations = [missing];
    show('{"count": 1}');
    await screen.findByText('1 problem');
    expect(screen.getByText('/region')).toBeTruthy();
    to('Form');
    const field = screen.getByLabelText(/Region/);
    expect(field.getAttribute('aria-invalid')).toBe('true');
    fireEvent.click(screen.getByRole('button', { name: /region must have the property/ }));
    expect(document.activeElement).toBe(field);
  });

  it('says at which line the form is stopped, and leads there', async () => {
    show('{\n  "region": "eu",\n  "count": \n}');
    await screen.findByRole('textbox', { name: 'Payload' });
    to('Form');
    expect(screen.queryByLabelText(/Region/)).toBeNull();
    const alert = screen.getByRole('alert');
    expect(alert.textContent).toContain('Line 4, column 1');
    fireEvent.click(within(alert).getByRole('button'));
    expect(focusAt).toHaveBeenCalled();
    type('Payload', '{"region": "eu"}');
    expect(screen.queryByRole('alert')).toBeNull();
    to('Form');
    expect(screen.getByLabelText(/Region/)).toBeTruthy();
  });

  it('does not open on a member that is there twice: one would be lost', async () => {
    show('{"region": "eu", "region": "us"}');
    await screen.findByRole('textbox', { name: 'Payload' });
    to('Form');
    expect(screen.getByRole('alert').textContent).toContain('“region” is there twice');
    expect(text).toBe('{"region": "eu", "region": "us"}');
    expect(post).not.toHaveBeenCalled();
  });

  it('keeps line breaks of a text and a value that is no choice', () => {
    const odd = '{"region": "a\\nb", "mode": "odd"}';
    show(odd);
    to('Form');
    expect((screen.getByLabelText(/Region/) as HTMLTextAreaElement).value).toBe('a\nb');
    expect(screen.getAllByText('odd').length).toBeGreaterThan(0);
    expect(text).toBe(odd);
  });
});
