import { expect, test } from 'vitest';
import { Turns } from './turns';

test('work is done in its order, each after the one before', async () => {
  const turns = new Turns();
  const seen: string[] = [];
  const work = (name: string) => async (): Promise<string> => {
    seen.push(`${name} begins`);
    await Promise.resolve();
    seen.push(`${name} ends`);
    return name;
  };
  const all = [turns.take('a', work('a')), turns.take('b', work('b'))];
  expect(turns.areOver).toBe(false);
  expect(await Promise.all(all)).toEqual(['a', 'b']);
  expect(seen).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
  expect(turns.areOver).toBe(true);
});

test('what waits is asked for once, and again once it is over', async () => {
  const turns = new Turns();
  let times = 0;
  const work = (): Promise<number> => Promise.resolve(++times);
  expect(await Promise.all([turns.take('a', work), turns.take('a', work)])).toEqual([1, null]);
  expect(await turns.take('a', work)).toBe(2);
});

test('work that fails holds up no other', async () => {
  const turns = new Turns();
  const failing = turns.take('a', () => Promise.reject(new Error('gone')));
  const other = turns.take('b', () => Promise.resolve('done'));
  await expect(failing).rejects.toThrow('gone');
  expect(await other).toBe('done');
});
