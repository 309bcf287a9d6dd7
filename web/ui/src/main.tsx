import './styles.css';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode, useEffect, useState } from 'react';
import { I18nProvider } from 'react-aria-components/I18nProvider';
import { createRoot } from 'react-dom/client';
import { IntlProvider } from 'use-intl';
import { onSignedOut, setRequestLocale } from './api/client';
import { queryClient } from './api/queries';
import { getPreferences, type Locale, usePreferences } from './app/preferences';
import { router } from './app/router';
import { Toasts } from './app/toasts';
import { loadMessages, type Messages } from './i18n';
import { browserZone, intlLocale } from './time/format';

function App({ first }: { first: { locale: Locale; messages: Messages } }) {
  const { locale } = usePreferences();
  const [shown, setShown] = useState(first);
  useEffect(() => {
    let current = true;
    if (locale !== shown.locale) {
      void loadMessages(locale).then((messages) => {
        if (!current) return;
        setRequestLocale(locale);
        setShown({ locale, messages });
        document.documentElement.lang = locale;
        // Sentences come from the server in the reader's language.
        void queryClient.invalidateQueries({ queryKey: ['schedules'] });
      });
    }
    return () => {
      current = false;
    };
  }, [locale, shown.locale]);
  return (
    <IntlProvider locale={shown.locale} messages={shown.messages} timeZone={browserZone()}>
      <I18nProvider locale={intlLocale(shown.locale)}>
        <QueryClientProvider client={queryClient}>
          <RouterProvider router={router} />
          <Toasts />
        </QueryClientProvider>
      </I18nProvider>
    </IntlProvider>
  );
}

async function start() {
  const { locale } = getPreferences();
  document.documentElement.lang = locale;
  setRequestLocale(locale);
  onSignedOut(() => {
    if (location.pathname !== '/sign-in')
      location.assign(`/sign-in?next=${encodeURIComponent(location.pathname + location.search)}`);
  });
  const messages = await loadMessages(locale);
  createRoot(document.getElementById('root')!).render(
    <StrictMode>
      <App first={{ locale, messages }} />
    </StrictMode>,
  );
}
void start();
