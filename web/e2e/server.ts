/** A real server for each test file: the built binary, a folder of its own, ports of its own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The binary under test. */
export const BINARY = process.env['VIGIE_TEST_BINARY'] ?? '../target/debug/vigie';
/** How long a start may take. */
const START_MS = 60_000;

export interface Server {
  origin: string;
  /** The link that signs in once. */
  link: string;
  /** What was shown at the first start. */
  user: string;
  password: string;
  folder: string;
  /** Asks the API as the administrator. */
  api: (method: string, path: string, body?: unknown, key?: string) => Promise<Response>;
  stop: () => Promise<void>;
}

/** Returns a port that is free now. */
export async function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });
}

/** Starts a fresh server whose configuration ends with these lines. */
export async function start(more = ''): Promise<Server> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-console-'));
  const place = await configure(folder, join(folder, 'data'), 'acme', more);
  const child = serve(place.config);
  return enter(child, place, await firstWords(child, place.origin));
}

/** Starts a server on data that is there, which stays. `prepare` is given the configuration and makes the user to be. */
export async function startOn(
  data: string,
  tenant: string,
  prepare: (config: string) => { user: string; password: string },
): Promise<Server> {
  const place = await configure(mkdtempSync(join(tmpdir(), 'vigie-console-')), data, tenant, '');
  const user = prepare(place.config);
  const child = serve(place.config);
  const late = Date.now() + START_MS;
  while (!(await fetch(`${place.origin}/healthz`).catch(() => null))) {
    if (Date.now() > late || child.exitCode !== null) throw new Error('the server did not start');
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return enter(child, place, { ...user, link: '' });
}

interface Place {
  /** Deleted in the end. */
  folder: string;
  config: string;
  origin: string;
  tenant: string;
}

async function configure(folder: string, data: string, tenant: string, more: string): Promise<Place> {
  const port = await freePort();
  const config = join(folder, 'vigie.toml');
  writeFileSync(
    config,
    `version = 1
data_folder = "${data}"
default_tenant = "${tenant}"

[http]
listen = "127.0.0.1:${port}"

[log]
filter = "warn"

${more}`,
  );
  return { folder, config, origin: `http://127.0.0.1:${port}`, tenant };
}

function serve(config: string): ChildProcess {
  return spawn(BINARY, ['serve', '--config', config], { stdio: ['ignore', 'pipe', 'pipe'] });
}

type User = Pick<Server, 'user' | 'password' | 'link'>;

async function enter(child: ChildProcess, { folder, origin, tenant }: Place, user: User): Promise<Server> {
  let cookie = '';
  const api = async (method: string, path: string, body?: unknown, key?: string): Promise<Response> => {
    const headers: Record<string, string> = { 'content-type': 'application/json', 'x-vigie-tenant': tenant };
    if (key) headers['authorization'] = `Bearer ${key}`;
    else Object.assign(headers, { cookie, origin });
    const init: RequestInit = { method, headers };
    // A form says itself what it is.
    if (body instanceof FormData) delete headers['content-type'];
    if (body !== undefined) {
      init.body = typeof body === 'string' || body instanceof FormData ? body : JSON.stringify(body);
    }
    return fetch(origin + path, init);
  };
  const entered = await fetch(`${origin}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ user: user.user, password: user.password }),
  });
  cookie = (entered.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
  const stop = async (): Promise<void> => {
    const gone = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return { origin, ...user, folder, api, stop };
}

function firstWords(child: ChildProcess, origin: string): Promise<{ user: string; password: string; link: string }> {
  return new Promise((resolve, reject) => {
    let text = '';
    const late = setTimeout(() => reject(new Error(`the server did not start:\n${text}`)), START_MS);
    const hear = (piece: Buffer): void => {
      text += piece.toString();
      const admin = /administrator is `([^`]+)`, the password is `([^`]+)`/.exec(text);
      const link = /open (\S+\/enter#\S+)/.exec(text);
      if (admin?.[1] && admin[2] && link?.[1]) {
        clearTimeout(late);
        resolve({ user: admin[1], password: admin[2], link: link[1].replace(/^https?:\/\/[^/]+/, origin) });
      }
    };
    child.stdout?.on('data', hear);
    child.stderr?.on('data', hear);
    child.once('exit', (code) => reject(new Error(`the server ended with ${code}:\n${text}`)));
    child.once('error', reject);
  });
}

/** Plays the sample records in, and waits until they were judged. */
export async function withSamples(server: Server): Promise<void> {
  const taken = await server.api('POST', '/api/v1/setup/sample');
  if (!taken.ok) throw new Error(`sample: ${taken.status} ${await taken.text()}`);
  for (let tries = 0; tries < 100; tries++) {
    const page = (await (await server.api('GET', '/api/v1/alerts?limit=1')).json()) as {
      total?: number;
      count?: number;
    };
    if ((page.total ?? 0) >= 10) return;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error('the sample records raised fewer than ten alerts');
}
