import { useEffect, useState } from 'react';

/** Whether the page is as narrow as a phone. */
export function useNarrow() {
  const query = '(width < 768px)';
  const [narrow, setNarrow] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const list = matchMedia(query);
    const update = () => setNarrow(list.matches);
    list.addEventListener('change', update);
    return () => list.removeEventListener('change', update);
  }, []);
  return narrow;
}
