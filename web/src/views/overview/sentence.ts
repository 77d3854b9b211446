/** The answer to "are we all right?": what is said, in order, and how bad it is. Pure: the words come with it. */

export interface Facts {
  /** New alerts, from the least severity. */
  newAlerts: readonly number[];
  openCases: readonly number[];
  late: number;
  near: number;
  inForce: number;
  /** `undefined` until it is known. */
  sources: { all: number; silent: number } | undefined;
}

export type Tone = 'good' | 'watch' | 'bad';

/** One thing that is said: which phrases, how many, where more of it is. */
export interface Said {
  phrase:
    | 'critical'
    | 'high'
    | 'other'
    | 'noAlert'
    | 'openCritical'
    | 'late'
    | 'near'
    | 'nothingBlocked'
    | 'inForce'
    | 'allSend'
    | 'silent'
    | 'noSource';
  n: number;
  href: string;
  tone: Tone;
}

const HIGH = 3;
const CRITICAL = 4;

export function sentence(facts: Facts): Said[] {
  return [waiting(facts.newAlerts), ...cases(facts), blocked(facts.inForce), ...sources(facts.sources)];
}

function waiting(counts: readonly number[]): Said {
  const critical = counts[CRITICAL] ?? 0;
  const high = counts[HIGH] ?? 0;
  const all = counts.reduce((total, count) => total + count, 0);
  const href = '/alerts?status=new';
  if (critical > 0) return { phrase: 'critical', n: critical, href: `${href}&severity=critical`, tone: 'bad' };
  if (high > 0) return { phrase: 'high', n: high, href: `${href}&severity=high`, tone: 'watch' };
  if (all > 0) return { phrase: 'other', n: all, href, tone: 'good' };
  return { phrase: 'noAlert', n: 0, href: '/alerts', tone: 'good' };
}

function cases(facts: Facts): Said[] {
  const said: Said[] = [];
  const critical = facts.openCases[CRITICAL] ?? 0;
  if (critical > 0) said.push({ phrase: 'openCritical', n: critical, href: '/cases?severity=critical', tone: 'bad' });
  if (facts.late > 0) said.push({ phrase: 'late', n: facts.late, href: '/cases?sla=breached', tone: 'bad' });
  else if (facts.near > 0) said.push({ phrase: 'near', n: facts.near, href: '/cases?sla=near', tone: 'watch' });
  return said;
}

function blocked(inForce: number): Said {
  if (inForce > 0) return { phrase: 'inForce', n: inForce, href: '#decisions', tone: 'good' };
  return { phrase: 'nothingBlocked', n: 0, href: '#decisions', tone: 'good' };
}

function sources(known: Facts['sources']): Said[] {
  if (!known) return [];
  if (known.all === 0) return [{ phrase: 'noSource', n: 0, href: '#sources', tone: 'watch' }];
  if (known.silent > 0) return [{ phrase: 'silent', n: known.silent, href: '#sources', tone: 'watch' }];
  return [{ phrase: 'allSend', n: 0, href: '#sources', tone: 'good' }];
}

/** Returns how bad all of it is together. */
export function toneOf(said: readonly Said[]): Tone {
  if (said.some((one) => one.tone === 'bad')) return 'bad';
  return said.some((one) => one.tone === 'watch') ? 'watch' : 'good';
}
