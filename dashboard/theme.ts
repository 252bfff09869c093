import { part } from './dom.ts';

const KEY = 'tsuwsgi-theme';

/** Light or dark, as the system has it or as was chosen here. @param changed called after each change, whoever made it */
export function followTheme(changed: () => void): void {
  const select = part('theme', HTMLSelectElement);
  select.value = stored();
  apply(select.value);
  select.addEventListener('change', () => {
    store(select.value);
    apply(select.value);
    changed();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', changed);
}

function apply(theme: string): void {
  document.documentElement.dataset['theme'] = theme;
}

function stored(): string {
  try {
    const theme = localStorage.getItem(KEY);
    return theme === 'light' || theme === 'dark' ? theme : 'system';
  } catch {
    // A browser that keeps nothing for this page.
    return 'system';
  }
}

function store(theme: string): void {
  try {
    localStorage.setItem(KEY, theme);
  } catch {
    // As above: it is forgotten when the page is closed.
  }
}
