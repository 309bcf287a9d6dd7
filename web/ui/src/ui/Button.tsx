import { Link, type LinkProps } from '@tanstack/react-router';
import { LoaderCircle } from 'lucide-react';
import { type ReactNode, useId } from 'react';
import { Button as AriaButton, type ButtonProps as AriaButtonProps } from 'react-aria-components/Button';
import { Focusable } from 'react-aria-components/Focusable';
import { Tooltip, TooltipTrigger } from 'react-aria-components/Tooltip';
import { cx } from './cx';

export type Tone = 'primary' | 'default' | 'ghost' | 'danger';
const base =
  'inline-flex items-center justify-center gap-1.5 rounded-control font-medium whitespace-nowrap select-none transition-colors duration-100';
const tones: Record<Tone, string> = {
  primary: 'bg-solid text-white hover:bg-solid-hover pressed:bg-solid-hover',
  default: 'border border-line bg-surface text-fg hover:bg-hover pressed:bg-hover',
  ghost: 'text-fg2 hover:bg-hover hover:text-fg pressed:bg-hover',
  danger: 'border border-line bg-surface text-failed hover:bg-failed-tint pressed:bg-failed-tint',
};
const sizes = { md: 'h-8 px-3', sm: 'h-7 px-2 text-meta', icon: 'size-8', 'icon-sm': 'size-7' };
export type Size = keyof typeof sizes;

export const buttonClass = (tone: Tone = 'default', size: Size = 'md', muted = false) =>
  cx(base, muted ? 'border border-line bg-hover text-fg3' : tones[tone], sizes[size]);

type Props = Omit<AriaButtonProps, 'className' | 'children' | 'isDisabled'> & {
  tone?: Tone;
  size?: Size;
  icon?: ReactNode;
  pending?: boolean;
  /** Why it cannot be used now. It stays focusable and says so. */
  disabledReason?: string | null | false;
  className?: string;
  children?: ReactNode;
};

export function Button({
  tone = 'default',
  size = 'md',
  icon,
  pending,
  disabledReason,
  className,
  children,
  ...rest
}: Props) {
  // The same in both forms: what is read aloud while it is pending names it by this.
  const own = useId();
  const id = rest.id ?? own;
  if (disabledReason) {
    return (
      <TooltipTrigger delay={400} closeDelay={50}>
        <Focusable>
          <button
            type="button"
            id={id}
            aria-disabled="true"
            aria-label={rest['aria-label']}
            className={cx(buttonClass(tone, size, true), className)}
          >
            {icon}
            {children}
          </button>
        </Focusable>
        <TipBubble>{disabledReason}</TipBubble>
      </TooltipTrigger>
    );
  }
  return (
    <AriaButton {...rest} id={id} className={cx(buttonClass(tone, size), className)} isPending={pending}>
      {pending ? <LoaderCircle size={15} className="animate-spin" aria-hidden /> : icon}
      {children}
    </AriaButton>
  );
}

function TipBubble({ children }: { children: ReactNode }) {
  return (
    <Tooltip offset={6} className="max-w-xs rounded-control bg-fg px-2 py-1 text-app text-meta shadow-layer">
      {children}
    </Tooltip>
  );
}

export function Tip({ text, children }: { text: string; children: ReactNode }) {
  return (
    <TooltipTrigger delay={400} closeDelay={50}>
      {children}
      <TipBubble>{text}</TipBubble>
    </TooltipTrigger>
  );
}

/** An icon alone: always named, always explained on hover and focus. */
export function IconButton({ label, children, ...rest }: Props & { label: string }) {
  return (
    <Tip text={label}>
      <Button tone="ghost" size="icon" {...rest} aria-label={label}>
        {children}
      </Button>
    </Tip>
  );
}

export function LinkButton({
  tone = 'default',
  size = 'md',
  icon,
  className,
  children,
  ...rest
}: LinkProps & { tone?: Tone; size?: Size; icon?: ReactNode; className?: string; children?: ReactNode }) {
  return (
    <Link {...rest} className={cx(buttonClass(tone, size), className)}>
      {icon}
      {children}
    </Link>
  );
}
