import { describe, expect, it } from 'vitest';
import { CullQueue } from '../../../src/renderer/cull/cull-queue.ts';

describe('CullQueue', () => {
  it('keeps its order and counts verdicts, whatever else is kept or rejected', () => {
    const queue = new CullQueue([30, 10, 20, 40], [10, 99], [40, 98]);
    expect(queue.songIds).toEqual([30, 10, 20, 40]);
    expect([queue.keptCount, queue.rejectedCount, queue.undecidedCount]).toEqual([1, 1, 2]);
    expect(queue.songsWith('undecided')).toEqual([30, 20]);
    queue.set(30, 'keep');
    expect(queue.songIds).toEqual([30, 10, 20, 40]);
    expect(queue.songsWith('keep')).toEqual([30, 10]);
  });

  it('counts a verdict that is changed or given twice once', () => {
    const queue = new CullQueue([1, 2], [], []);
    queue.set(1, 'keep');
    queue.set(1, 'keep');
    queue.set(1, 'reject');
    expect([queue.keptCount, queue.rejectedCount, queue.undecidedCount]).toEqual([0, 1, 1]);
    queue.set(1, 'undecided');
    expect(queue.undecidedCount).toBe(2);
    queue.set(77, 'keep');
    expect(queue.keptCount).toBe(0);
  });

  it('takes verdicts in anew, as after an undo', () => {
    const queue = new CullQueue([1, 2, 3], [1], [2]);
    queue.setAll([], [3]);
    expect(queue.verdictOf(1)).toBe('undecided');
    expect(queue.verdictOf(3)).toBe('reject');
    expect([queue.keptCount, queue.rejectedCount, queue.undecidedCount]).toEqual([0, 1, 2]);
  });

  it('goes on to the next song without a verdict, and begins again at the top', () => {
    const queue = new CullQueue([1, 2, 3, 4], [2], [3]);
    expect(queue.nextUndecided(-1)).toBe(0);
    expect(queue.nextUndecided(0)).toBe(3);
    expect(queue.nextUndecided(3)).toBe(0);
    queue.set(1, 'keep');
    expect(queue.nextUndecided(3)).toBe(3);
    queue.set(4, 'keep');
    expect(queue.nextUndecided(0)).toBe(-1);
    expect(new CullQueue([], [], []).nextUndecided(-1)).toBe(-1);
  });

  it('knows where a song stands', () => {
    const queue = new CullQueue([30, 10], [], []);
    expect(queue.indexOf(10)).toBe(1);
    expect(queue.indexOf(11)).toBe(-1);
    expect(queue.verdictOf(11)).toBe('undecided');
  });
});
