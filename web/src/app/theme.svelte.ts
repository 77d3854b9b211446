/** Dark or light: the system's choice until the reader makes one. */
export type Theme = 'system' | 'dark' | 'light';
const KEPT_AS = 'vigie.theme';

function kept(): Theme {
  const value = localStorage.getItem(KEPT_AS);
  return value === 'dark' || value === 'light' ? value : 'system';
}

const state = $state({ theme: kept() });

function show(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset['theme'];
  else document.documentElement.dataset['theme'] = theme;
}
show(state.theme);

export function theme(): Theme {
  return state.theme;
}

export function wear(chosen: Theme): void {
  state.theme = chosen;
  localStorage.setItem(KEPT_AS, chosen);
  show(chosen);
}
