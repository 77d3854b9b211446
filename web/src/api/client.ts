/** The one door to the server: typed by our OpenAPI, errors in one shape, the cookie sent along. */
import type { components, paths } from './schema';

export type Schemas = components['schemas'];

/** What the server says when it refuses: RFC 9457. */
export type ProblemBody = Schemas['ProblemBody'];

/** A request that did not succeed. `status` is 0 where the server did not answer at all. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly problem: ProblemBody | null = null,
  ) {
    super(message);
  }
}

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type PathsWith<M extends Method> = { [P in keyof paths]: paths[P] extends Record<M, unknown> ? P : never }[keyof paths];
type Operation<P extends keyof paths, M extends Method> = paths[P] extends Record<M, infer O> ? O : never;
type Params<O, K extends string> = O extends { parameters: infer A }
  ? K extends keyof A
    ? Exclude<A[K], undefined>
    : Record<never, never>
  : Record<never, never>;
type JsonBody<O> = O extends { requestBody?: infer B }
  ? Exclude<B, undefined> extends { content: { 'application/json': infer J } }
    ? J
    : never
  : never;
type Success<O> = O extends { responses: infer R }
  ? {
      [S in keyof R]: S extends 200 | 201 | 202
        ? R[S] extends { content: { 'application/json': infer J } }
          ? J
          : never
        : never;
    }[keyof R]
  : never;

export interface Asking<O> {
  /** The parts of the path in braces. */
  path?: Params<O, 'path'>;
  query?: Params<O, 'query'>;
  body?: JsonBody<O>;
  signal?: AbortSignal;
}

/** Called when the session is over, so that the sign-in page shows. */
let onSignedOut: () => void = () => undefined;
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

/** Fills a path's braces and adds the query; what is `undefined`, `null` or empty is left out. */
export function address(
  path: string,
  parts: Record<string, unknown> = {},
  query: Record<string, unknown> = {},
): string {
  const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(String(parts[name])));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== undefined && value !== null && value !== '') search.append(name, String(value));
  }
  const text = search.toString();
  return text ? `${filled}?${text}` : filled;
}

/** Sends a request that the OpenAPI does not type (a text body, a file) and returns the answer, or throws {@link ApiError}. */
export async function send(url: string, init: RequestInit = {}): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(url, { credentials: 'same-origin', ...init });
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', 'the server does not answer');
  }
  if (response.ok) return response;
  const problem = (await response.json().catch(() => null)) as ProblemBody | null;
  if (response.status === 401 && !url.startsWith('/api/v1/auth/')) onSignedOut();
  const code = problem?.type.split(':').at(-1) ?? String(response.status);
  throw new ApiError(response.status, code, problem?.detail ?? response.statusText, problem);
}

async function call<O>(method: Method, path: string, asking: Asking<O>): Promise<Success<O>> {
  const init: RequestInit = { method: method.toUpperCase() };
  if (asking.signal) init.signal = asking.signal;
  if (asking.body !== undefined) {
    init.body = JSON.stringify(asking.body);
    init.headers = { 'content-type': 'application/json' };
  }
  const response = await send(address(path, asking.path, asking.query), init);
  const text = await response.text();
  return (text ? JSON.parse(text) : undefined) as Success<O>;
}

export const api = {
  get: <P extends PathsWith<'get'>>(path: P, asking: Asking<Operation<P, 'get'>> = {}) =>
    call<Operation<P, 'get'>>('get', path, asking),
  post: <P extends PathsWith<'post'>>(path: P, asking: Asking<Operation<P, 'post'>> = {}) =>
    call<Operation<P, 'post'>>('post', path, asking),
  put: <P extends PathsWith<'put'>>(path: P, asking: Asking<Operation<P, 'put'>> = {}) =>
    call<Operation<P, 'put'>>('put', path, asking),
  patch: <P extends PathsWith<'patch'>>(path: P, asking: Asking<Operation<P, 'patch'>> = {}) =>
    call<Operation<P, 'patch'>>('patch', path, asking),
  delete: <P extends PathsWith<'delete'>>(path: P, asking: Asking<Operation<P, 'delete'>> = {}) =>
    call<Operation<P, 'delete'>>('delete', path, asking),
};
