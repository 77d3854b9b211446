import type { Schemas } from '../../api/client';

/** Why those that were not changed were not: the commonest reason. */
export function reason(answer: Pick<Schemas['BulkAnswer'], 'outcomes'>): { count: number; why: string } {
  const refused = answer.outcomes.filter((one) => one.outcome !== 'done');
  const counts = new Map<string, number>();
  for (const one of refused) counts.set(one.why ?? '', (counts.get(one.why ?? '') ?? 0) + 1);
  const [why] = [...counts].sort((left, right) => right[1] - left[1])[0] ?? [''];
  return { count: refused.length, why };
}
