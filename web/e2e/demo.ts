/** Runs `vigie demo` as somebody at a terminal does, and reads what it tells. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { BINARY } from './server';

/** How long the story may take: it has a pause after each step. */
const STORY_MS = 90_000;

export interface Told {
  events: number;
  sources: string[];
  findings: number;
  alerts: { severity: string; findings: number; case: string; title: string }[];
  cases: {
    number: string;
    severity: string;
    title: string;
    alerts: number;
    observables: string[];
    observablesInAll: number;
    timeline: { time: string; text: string }[];
    timelineInAll: number;
  }[];
  actions: { status: string; summary: string }[];
  /** What was told while it happened. */
  asItHappened: { alerts: { severity: string; title: string }[]; cases: string[]; actions: string[] };
  report: string;
  link: string;
}

export interface Demo {
  told: Told;
  origin: string;
  stop: () => Promise<void>;
}

/** Runs the demo until its story is told. */
export async function tell(): Promise<Demo> {
  const folder = mkdtempSync(join(tmpdir(), 'vigie-told-'));
  const child = spawn(BINARY, ['demo', '--data-folder', folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  const gone = new Promise((resolve) => child.once('exit', resolve));
  const text = await new Promise<string>((resolve, reject) => {
    let heard = '';
    const late = setTimeout(() => reject(new Error(`the story has no end:\n${heard}`)), STORY_MS);
    child.stdout.on('data', (piece: Buffer) => {
      heard += piece.toString();
      if (!heard.includes('Ctrl-C ends it.')) return;
      clearTimeout(late);
      resolve(heard);
    });
    child.once('exit', (code) => reject(new Error(`the demo ended with ${code}:\n${heard}`)));
    child.once('error', reject);
  });
  const told = read(text);
  const stop = async (): Promise<void> => {
    child.kill('SIGINT');
    await gone;
    rmSync(folder, { recursive: true, force: true });
  };
  return { told, origin: new URL(told.link).origin, stop };
}

/** Returns what the expression finds, once; the story must say it. */
function said(text: string, what: RegExp): string[] {
  const found = what.exec(text);
  if (!found) throw new Error(`the story does not say ${what}:\n${text}`);
  return found.slice(1).map((group) => group ?? '');
}

function rows(text: string, row: RegExp): string[][] {
  return [...text.matchAll(row)].map((found) => found.slice(1).map((group) => group ?? ''));
}

/** Reads the story: first what happened, then what came of it. */
export function read(text: string): Told {
  const [events = '', sources = ''] = said(text, /^(\d+) events from \d+ sources \((.*)\)$/m);
  const [findings = ''] = said(text, /^(\d+) findings, \d+ alerts, \d+ events a second$/m);
  const end = text.search(/^\d+ events from/m);
  const [before, after] = [text.slice(0, end), text.slice(end)];
  const [listed = ''] = said(after, /^severity +findings +case +alert\n([\s\S]*?)\n\n/m);
  const [acted = ''] = said(after, /^status +action\n([\s\S]*?)\n\n/m);
  const word = '(critical|high|medium|low|informational)';
  return {
    events: Number(events),
    sources: sources.split(', '),
    findings: Number(findings),
    alerts: rows(listed, new RegExp(`^${word} +(\\d+) +(\\d+|–) +(.+)$`, 'gm')).map(
      ([severity = '', count = '', of = '', title = '']) => ({ severity, findings: Number(count), case: of, title }),
    ),
    cases: after
      .split(/^(?=Case \d+ \()/m)
      .slice(1)
      .map(readCase),
    actions: rows(acted, /^(\w+) {2,}(.+)$/gm).map(([status = '', summary = '']) => ({ status, summary })),
    asItHappened: {
      alerts: rows(before, /^ {10}(critical|high|medium|low|info) +(.+)$/gm).map(([severity = '', title = '']) => ({
        severity: severity === 'info' ? 'informational' : severity,
        title,
      })),
      cases: rows(before, /^ {10}case +case \d+: (.+)$/gm).map(([title = '']) => title),
      actions: rows(before, /^ {10}answer +(\w+: .+)$/gm).map(([action = '']) => action),
    },
    report: said(after, /^The report lies in (.+)$/m)[0] ?? '',
    link: said(after, /(http:\S+\/enter#\S+)/)[0] ?? '',
  };
}

function readCase(text: string): Told['cases'][number] {
  const [number = '', severity = '', title = ''] = said(text, /^Case (\d+) \((\w+)\): (.+)$/m);
  const [named = '', more] = said(text, /^ {2}observables: (.+?)(?:, … and (\d+) more)?$/m);
  // A value may hold a comma: a new one begins with its kind.
  const observables = named.split(/, (?=[a-z_]+:)/);
  const timeline = rows(text, /^ {2}(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC {2}(.+)$/gm);
  const left = /^ {2}… and (\d+) more$/m.exec(text)?.[1];
  return {
    number,
    severity,
    title,
    alerts: Number(said(text, /^ {2}(\d+) alerts from /m)[0]),
    observables: observables.map((one) => one.slice(one.indexOf(':') + 1)),
    observablesInAll: observables.length + Number(more ?? 0),
    timeline: timeline.map(([day, time, entry = '']) => ({ time: `${day}T${time}`, text: entry })),
    timelineInAll: timeline.length + Number(left ?? 0),
  };
}
