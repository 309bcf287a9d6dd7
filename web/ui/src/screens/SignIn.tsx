import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { useTranslations } from 'use-intl';
import { api, take } from '@/api/client';
import { type Problem, problemOf } from '@/api/problem';
import { queryClient, sessionQuery } from '@/api/queries';
import { problemText } from '@/app/toasts';
import { Button } from '@/ui/Button';
import { TextInput } from '@/ui/Field';
import { Notice } from '@/ui/States';

export function SignIn() {
  const t = useTranslations('signIn');
  const navigate = useNavigate();
  const { next } = useSearch({ from: '/sign-in' });
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  useEffect(() => {
    document.title = `${t('title')} · Carillon`;
  }, [t]);

  const submit = async () => {
    setPending(true);
    setProblem(null);
    try {
      const session = await take(api.POST('/api/v1/session', { body: { email, password } }));
      queryClient.clear();
      queryClient.setQueryData(sessionQuery.queryKey, session);
      // Only a path of this hub: "//elsewhere" would leave it.
      const target = next && /^\/(?![/\\])/.test(next) ? next : '/schedules';
      await navigate({ href: target, replace: true });
    } catch (cause) {
      setProblem(problemOf(cause));
      setPending(false);
    }
  };

  return (
    <main className="flex min-h-dvh items-center justify-center p-4">
      <div className="w-full max-w-sm">
        <div className="mb-6 flex items-center justify-center gap-3">
          <img src="/favicon.svg" alt="" className="size-9" />
          <p className="font-semibold text-tile tracking-tight">Carillon</p>
        </div>
        <form
          className="flex flex-col gap-4 rounded-dialog border border-line bg-surface p-6"
          noValidate
          onSubmit={(event) => {
            event.preventDefault();
            void submit();
          }}
        >
          <div>
            <h1 className="font-semibold text-title">{t('title')}</h1>
            <p className="text-fg2">{t('subtitle')}</p>
          </div>
          {problem && (
            <Notice tone="error" role="alert">
              {problem.status === 401 ? t('wrong') : problemText(problem)}
            </Notice>
          )}
          <TextInput
            label={t('email')}
            type="email"
            autoComplete="username"
            autoFocus
            required
            value={email}
            onChange={setEmail}
          />
          <TextInput
            label={t('password')}
            type="password"
            autoComplete="current-password"
            required
            value={password}
            onChange={setPassword}
          />
          <Button type="submit" tone="primary" pending={pending}>
            {t('submit')}
          </Button>
        </form>
        <p className="mt-4 text-center text-fg3 text-meta">{t('footer')}</p>
      </div>
    </main>
  );
}
