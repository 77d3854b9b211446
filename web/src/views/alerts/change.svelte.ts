/** Changes of alerts, one or many, with what takes them back. */
import { api, type Schemas } from '../../api/client';
import { done, failed, attempt } from '../../app/toasts.svelte';
import { Turns } from '../../app/turns';
import { vocabulary } from '../../app/vocabulary';
import { plural, t, type Phrase } from '../../app/words.svelte';
import { verdictPhrase, type Verdict } from '../../ui/verdicts';
import { reason } from './reason';
import { words } from './words';

export type Alert = Schemas['Alert'];
type Change = Schemas['BulkChange'];
type Answer = Schemas['BulkAnswer'];

/** How many alerts one request of ours changes; the server takes no more. */
export const MANY_MAX = 500;

/** What takes the last change back; `null` where it cannot be, or nothing was changed yet. */
let undoing: (() => Promise<unknown>) | null = null;
const state = $state({ isBusy: false });

/** Whether a change is on its way. */
export function isBusy(): boolean {
  return state.isBusy;
}

/** Takes the last change back, where it can be: also one that has no answer yet, which is waited for. */
export function undoLast(): void {
  void turns.take('undo', async () => {
    const run = undoing;
    if (run) await run();
    else done(t(words.nothingToUndo));
  });
}

interface Said {
  one: Phrase;
  several: Phrase;
  values?: Record<string, string | number>;
  undo?: (changed: readonly Alert[]) => Promise<unknown>;
}

/** Who works by keyboard is faster than the answers. */
const turns = new Turns();

/**
 * Makes a change after those before it, says what came of it and returns the alerts that it changed, or `null` where it failed
 * or waits already: a key pressed twice is one change.
 */
async function make(alerts: readonly Alert[], change: Change, said: Said): Promise<Answer | null> {
  const ids = alerts.slice(0, MANY_MAX).map((alert) => alert.id);
  if (ids.length === 0) return null;
  state.isBusy = true;
  try {
    return await turns.take(JSON.stringify([change, ids]), () => makeNow(alerts, ids, change, said));
  } finally {
    state.isBusy = !turns.areOver;
  }
}

async function makeNow(alerts: readonly Alert[], ids: string[], change: Change, said: Said): Promise<Answer | null> {
  let answer: Answer;
  try {
    answer = await api.post('/api/v1/alerts/bulk', { body: { alerts: ids, change } });
  } catch (error) {
    failed(error);
    return null;
  }
  const changed = new Set(answer.outcomes.filter((one) => one.outcome === 'done').map((one) => one.id));
  const { count, why } = reason(answer);
  if (changed.size > 0) {
    const values = { ...said.values, ...(answer.case ? { number: `#${answer.case.number}` } : {}) };
    const text = plural(changed.size, said.one, said.several, values);
    const undo = said.undo;
    // What was changed before is not the last change any more.
    undoing = null;
    if (undo) {
      const run = (): Promise<unknown> => {
        if (undoing === run) undoing = null;
        return attempt(() => undo(alerts.filter((alert) => changed.has(alert.id))));
      };
      undoing = run;
      done(text, { label: vocabulary.undo, run: () => void run() });
    } else done(text);
  }
  if (count > 0) failed(new Error(plural(count, words.notDone, words.notDones, { why })));
  return answer;
}

function send(alerts: readonly Alert[], change: Change): Promise<unknown> {
  return api.post('/api/v1/alerts/bulk', { body: { alerts: alerts.map((alert) => alert.id), change } });
}

/** Gives each back to whom it was given before. */
async function giveBack(alerts: readonly Alert[]): Promise<void> {
  const names = new Set(alerts.map((alert) => alert.assignee ?? null));
  for (const assignee of names) {
    const theirs = alerts.filter((alert) => (alert.assignee ?? null) === assignee);
    await send(theirs, { kind: 'assign', assignee });
  }
}

export function acknowledge(alerts: readonly Alert[]): Promise<Answer | null> {
  return make(alerts, { kind: 'acknowledge' }, { one: words.acknowledged, several: words.acknowledgeds });
}

export function assign(alerts: readonly Alert[], assignee: string | null): Promise<Answer | null> {
  return make(
    alerts,
    { kind: 'assign', assignee },
    {
      one: words.assigned,
      several: words.assigneds,
      values: { name: assignee ?? t(vocabulary.nobody) },
      undo: giveBack,
    },
  );
}

export function close(
  alerts: readonly Alert[],
  resolution: { verdict: Verdict; summary: string },
): Promise<Answer | null> {
  return make(
    alerts,
    { kind: 'close', resolution },
    {
      one: words.closed,
      several: words.closeds,
      values: { verdict: t(verdictPhrase(resolution.verdict)).toLocaleLowerCase() },
      undo: (changed) => send(changed, { kind: 'reopen' }),
    },
  );
}

export function reopen(alerts: readonly Alert[]): Promise<Answer | null> {
  return make(alerts, { kind: 'reopen' }, { one: words.reopened, several: words.reopeneds });
}

export function merge(alerts: readonly Alert[], into: string): Promise<Answer | null> {
  return make(alerts, { kind: 'merge', case: into }, { one: words.merged, several: words.mergeds });
}

export function openCase(alerts: readonly Alert[]): Promise<Answer | null> {
  return make(alerts, { kind: 'open_case' }, { one: words.merged, several: words.mergeds });
}
