/** The address of every view, with something to see at each. */
import type { Server } from './server';

interface Page {
  rows: { id: string }[];
}

export async function addressesOfViews(server: Server): Promise<Record<string, string>> {
  const first = async (path: string): Promise<string> => {
    const page = (await (await server.api('GET', path)).json()) as Page;
    const item = page.rows[0];
    if (!item) throw new Error(`${path} is empty`);
    return item.id;
  };
  const alert = await first('/api/v1/alerts?sort=-severity&limit=1');
  const found = await first('/api/v1/cases?limit=1');
  const rules = (await (await server.api('GET', '/api/v1/rules')).json()) as { id: string }[];
  const settings = [
    'me',
    'users',
    'clients',
    'keys',
    'sources',
    'indicators',
    'notifications',
    'sla',
    'retention',
    'health',
  ];
  return {
    overview: '/',
    alerts: '/alerts',
    alert: `/alerts/${alert}`,
    cases: '/cases',
    case: `/cases/${found}`,
    hunt: '/hunt',
    rules: '/rules',
    rule: `/rules/${encodeURIComponent(rules[0]?.id ?? '')}`,
    response: '/response?tab=all',
    playbooks: '/response?tab=playbooks',
    reports: '/reports?tab=make&kind=weekly',
    archive: '/reports',
    schedules: '/reports?tab=schedules',
    coverage: '/rules?tab=coverage',
    ...Object.fromEntries(settings.map((section) => [`settings-${section}`, `/settings/${section}`])),
  };
}
