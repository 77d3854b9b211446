/** The address holds the whole state of a view: which one, of what, and how it is narrowed, sorted and laid out. */
import type { Component } from 'svelte';
import type { Phrase } from './words.svelte';
import { vocabulary } from './vocabulary';

/** A view is loaded when it is first opened. */
export interface View {
  readonly name: string;
  readonly pattern: string;
  readonly title: Phrase;
  readonly load: () => Promise<{ default: Component }>;
}

export const VIEWS: readonly View[] = [
  {
    name: 'overview',
    pattern: '/',
    title: vocabulary.overview,
    load: () => import('../views/overview/Overview.svelte'),
  },
  { name: 'alerts', pattern: '/alerts', title: vocabulary.alerts, load: () => import('../views/alerts/Alerts.svelte') },
  { name: 'alert', pattern: '/alerts/:id', title: vocabulary.alert, load: () => import('../views/alert/Alert.svelte') },
  { name: 'cases', pattern: '/cases', title: vocabulary.cases, load: () => import('../views/cases/Cases.svelte') },
  { name: 'case', pattern: '/cases/:id', title: vocabulary.case, load: () => import('../views/case/Case.svelte') },
  { name: 'hunt', pattern: '/hunt', title: vocabulary.hunt, load: () => import('../views/hunt/Hunt.svelte') },
  { name: 'rules', pattern: '/rules', title: vocabulary.rules, load: () => import('../views/rules/Rules.svelte') },
  { name: 'rule', pattern: '/rules/:id', title: vocabulary.rule, load: () => import('../views/rule/Rule.svelte') },
  {
    name: 'response',
    pattern: '/response',
    title: vocabulary.response,
    load: () => import('../views/response/Response.svelte'),
  },
  {
    name: 'reports',
    pattern: '/reports',
    title: vocabulary.reports,
    load: () => import('../views/reports/Reports.svelte'),
  },
  {
    name: 'settings',
    pattern: '/settings',
    title: vocabulary.settings,
    load: () => import('../views/settings/Settings.svelte'),
  },
  {
    name: 'section',
    pattern: '/settings/:id',
    title: vocabulary.settings,
    load: () => import('../views/settings/Settings.svelte'),
  },
];

/** Returns the view of a path and the part of it that the pattern leaves open, or `null` where there is no such page. */
export function match(path: string): { view: View; id: string } | null {
  const parts = path.split('/').filter(Boolean);
  for (const view of VIEWS) {
    const wanted = view.pattern.split('/').filter(Boolean);
    if (wanted.length !== parts.length) continue;
    if (wanted.every((part, index) => part === ':id' || part === parts[index])) {
      return { view, id: wanted.includes(':id') ? decodeURIComponent(parts[wanted.indexOf(':id')] ?? '') : '' };
    }
  }
  return null;
}

const place = $state({ path: location.pathname, search: location.search });

function follow(): void {
  place.path = location.pathname;
  place.search = location.search;
}

addEventListener('popstate', follow);
addEventListener('click', (event) => {
  if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey)
    return;
  const link = event.target instanceof Element ? event.target.closest('a') : null;
  if (!link || link.target || link.hasAttribute('download') || link.origin !== location.origin) return;
  if (match(link.pathname) === null) return;
  event.preventDefault();
  go(link.pathname + link.search);
});

/** Where we are. */
export const route = {
  get path(): string {
    return place.path;
  },
  get found() {
    return match(place.path);
  },
  /** What the pattern leaves open, such as the id of an alert. */
  get id(): string {
    return match(place.path)?.id ?? '';
  },
  /** The view's state. */
  get query(): URLSearchParams {
    return new URLSearchParams(place.search);
  },
};

/** Opens an address of ours. */
export function go(to: string, how: { replace?: boolean } = {}): void {
  if (how.replace) history.replaceState(null, '', to);
  else history.pushState(null, '', to);
  follow();
  if (!how.replace) scrollTo(0, 0);
}

/** Changes parts of the view's state; `null` and the empty text take one away. */
export function setQuery(
  changes: Record<string, string | number | null>,
  how: { replace?: boolean } = { replace: true },
): void {
  const query = new URLSearchParams(place.search);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === '') query.delete(name);
    else query.set(name, String(value));
  }
  const text = query.toString();
  const to = text ? `${place.path}?${text}` : place.path;
  if (to !== place.path + place.search) go(to, how);
}

/** Returns an address with a query. */
export function to(path: string, query: Record<string, string | number | null | undefined> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
