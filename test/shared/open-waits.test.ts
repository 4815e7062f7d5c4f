/** Waits that one end rejects together: they settle like their work, and keep nothing afterwards. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { OpenWaits } from '../../src/shared/open-waits.ts';

test('a wait settles like its work', async () => {
  const waits = new OpenWaits();
  expect(await waits.settle(Promise.resolve(7))).toBe(7);
  await expect(waits.settle(Promise.reject(new Error('no')))).rejects.toThrow('no');
});

test('the end rejects what waits and what comes later, with its first reason', async () => {
  const waits = new OpenWaits();
  const never = new Promise(() => undefined);
  const waiting = waits.settle(never);
  waits.end(new Error('gone'));
  waits.end(new Error('gone again'));
  await expect(waiting).rejects.toThrow('gone');
  await expect(waits.settle(Promise.resolve(1))).rejects.toThrow(/^gone$/);
  await expect(waits.settle(Promise.reject(new Error('late')))).rejects.toThrow(/^gone$/);
});

test('answers are let go of while the end does not come', async () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const waits = new OpenWaits();
  const answers: WeakRef<object>[] = [];
  for (let call = 0; call < 50; call += 1) {
    await (async () => {
      const answer = await waits.settle(Promise.resolve({ values: new Float32Array(10_000) }));
      answers.push(new WeakRef(answer));
    })();
  }
  // A reference that was just read holds until the next turn.
  await new Promise((resolve) => setTimeout(resolve, 10));
  collectGarbage();
  const kept = answers.filter((answer) => answer.deref() !== undefined);
  expect(kept.length).toBeLessThan(5);
  waits.end(new Error('gone'));
});
