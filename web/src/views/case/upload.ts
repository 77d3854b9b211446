/** Sends a file and tells how far it has come, which `fetch` cannot say. */
import { ApiError, type ProblemBody } from '../../api/client';

export interface Upload {
  done: Promise<void>;
  abort: () => void;
}

/** Sends one file in a form. `progress` is called with the share that is sent, 0 to 1. */
export function upload(url: string, file: File, progress: (share: number) => void): Upload {
  const request = new XMLHttpRequest();
  const done = new Promise<void>((resolve, reject) => {
    request.open('POST', url);
    request.upload.onprogress = (event) => {
      if (event.lengthComputable) progress(event.loaded / event.total);
    };
    request.onload = () => {
      if (request.status < 300) resolve();
      else reject(refusal(request.status, request.responseText));
    };
    request.onerror = () => reject(new ApiError(0, 'unreachable', 'the server does not answer'));
    request.onabort = () => resolve();
    const form = new FormData();
    form.append('attachments', file, file.name);
    request.send(form);
  });
  return { done, abort: () => request.abort() };
}

/** Reads what the server said when it refused. */
export function refusal(status: number, text: string): ApiError {
  let problem: ProblemBody | null = null;
  try {
    problem = JSON.parse(text) as ProblemBody;
  } catch {
    // A proxy in between says it in its own way.
  }
  return new ApiError(
    status,
    problem?.type?.split(':').at(-1) ?? String(status),
    problem?.detail ?? `HTTP ${status}`,
    problem,
  );
}

/** Returns a number of bytes as people read it, by the thousand: `1.5 MB`, `1,5 Mo`. */
export function size(bytes: number, language: string): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  let [value, place] = [bytes, 0];
  while (value >= 1000 && place < units.length - 1) [value, place] = [value / 1000, place + 1];
  const unit = units[place] ?? 'byte';
  return new Intl.NumberFormat(language, {
    style: 'unit',
    unit,
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(value);
}
