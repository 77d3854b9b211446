/** Who is signed in, for which clients, and which of them is looked at. */
import { api, ApiError, whenSignedOut, type Schemas } from '../api/client';
import { plain } from './signs';

const KEPT_AS = 'vigie.tenant';

interface State {
  /** `undefined` until the server has said. */
  me: Schemas['Me'] | null | undefined;
  tenants: Schemas['TenantBody'][];
  tenant: string;
  /** What is to be said at the first start; `null` where that was done. */
  setup: Schemas['SetupBody'] | null;
}

const state = $state<State>({ me: undefined, tenants: [], tenant: localStorage.getItem(KEPT_AS) ?? '', setup: null });

whenSignedOut(() => {
  state.me = null;
});

export const session = {
  get me() {
    return state.me;
  },
  get tenants() {
    return state.tenants;
  },
  /** The client that is looked at; empty for all. */
  get tenant() {
    return state.tenant;
  },
  /** For a request's query: the client, or nothing. */
  get scope(): { tenant?: string } {
    return state.tenant ? { tenant: state.tenant } : {};
  },
  /** What is to be said at the first start; `null` where that was done. */
  get setup() {
    return state.setup;
  },
  /** Whether the signed-in person may do what needs this role. */
  may(role: 'reader' | 'analyst' | 'admin'): boolean {
    const ranks: Record<string, number> = { reader: 1, analyst: 2, admin: 3 };
    return (ranks[state.me?.role ?? ''] ?? 0) >= (ranks[role] ?? 9);
  },
};

export function look(tenant: string): void {
  state.tenant = tenant;
  localStorage.setItem(KEPT_AS, tenant);
}

/** Returns the clients of the SOC. TheHive's own organisation, which holds its administrators, is none. */
async function clients(): Promise<Schemas['TenantBody'][]> {
  return (await api.get('/api/v1/tenants')).filter((tenant) => tenant.id !== 'admin');
}

async function entered(me: Schemas['Me']): Promise<void> {
  state.tenants = await clients();
  if (state.tenant && !state.tenants.some((known) => known.id === state.tenant)) look('');
  // Whoever may not set the server up is not asked to.
  const setup = me.role === 'admin' ? await api.get('/api/v1/setup') : null;
  state.setup = setup?.needed ? setup : null;
  state.me = me;
}

/** Asks the server who we are. */
export async function begin(): Promise<void> {
  try {
    await entered(await api.get('/api/v1/auth/me'));
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    state.me = null;
  }
}

export async function signIn(user: string, password: string): Promise<void> {
  await entered(await api.post('/api/v1/auth/login', { body: { user, password } }));
}

/** Signs in with the token of a link that the server's terminal showed. */
export async function enter(token: string): Promise<void> {
  await entered(await api.post('/api/v1/auth/link', { body: { token } }));
}

/** Sets the server up; with a password of one's own, signs in with it. */
export async function setUp(password: string, tenantName: string): Promise<void> {
  const user = state.me?.name.replace(/^user:/, '') ?? '';
  const answers = { tenant_name: tenantName, ...(password ? { password } : {}) };
  await api.post('/api/v1/setup', { body: answers });
  if (password) await api.post('/api/v1/auth/login', { body: { user, password } });
  state.tenants = await clients();
}

/** Leaves the set-up page. */
export function leaveSetUp(): void {
  state.setup = null;
}

export async function signOut(): Promise<void> {
  await api.post('/api/v1/auth/logout').catch(() => undefined);
  state.me = null;
}

/** Reads the clients again, after one was made. */
export async function refreshTenants(): Promise<void> {
  state.tenants = await clients();
}

/** Returns what a client is called, fit for any place: nothing in it hides or turns text. */
export function tenantName(id: string): string {
  return plain(state.tenants.find((known) => known.id === id)?.name ?? id);
}
