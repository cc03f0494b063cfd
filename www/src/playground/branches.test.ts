// Branches as the reader keeps them, and what two of them have in common.

import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type BranchView, Cluster, RaftError } from '../engine.js';
import { BranchBook, MAX_NAME } from './branches.js';
import { Comparer, commonSteps, keepingPlace, lastSame } from './compare.js';

let cluster: Cluster;
let book: BranchBook;

/** main, branch 1 that crashes S1 in the past of main, branch 2 that leaves branch 1, branch 3 that leaves main. */
beforeEach(async () => {
  cluster = await Cluster.create({ servers: 3, seed: 5 });
  book = new BranchBook();
  cluster.advance(600);
  cluster.seekTime(300);
  cluster.crash(1);
  cluster.advance(400);
  cluster.seekTime(450);
  cluster.crash(2);
  cluster.advance(100);
  cluster.switchBranch(0, 20);
  cluster.crash(3);
  cluster.advance(200);
});
afterEach(() => cluster.dispose());

const ids = () => book.list(cluster).map(({ id }) => id);
const parents = () => cluster.branches().map(({ parent }) => parent);

describe('the book of branches', () => {
  test('knows again what it knew of a run that was saved as a whole, and can still take a deletion back', async () => {
    book.rename(cluster, 3, 'later');
    book.remove(cluster, 2);
    const again = await Cluster.load(cluster.save());
    const other = new BranchBook();
    other.recall(again, book.notes(cluster));
    expect(other.list(again)).toEqual(book.list(cluster));
    expect(other.lastDeleted(again)).toEqual(book.lastDeleted(cluster));
    other.restore(again);
    expect(other.list(again)).toHaveLength(4);
    expect(book.list(cluster)).toHaveLength(3);
    again.dispose();
  });

  test('names one without telling the engine, and keeps the name when the run is saved', async () => {
    book.rename(cluster, 1, '  what if\nS1 fails ');
    expect(book.list(cluster)[1]?.name).toBe('what if S1 fails');
    expect(cluster.branches()[1]?.name).toBe('branch 1');
    book.rename(cluster, 1, '   ');
    expect(book.list(cluster)[1]?.name).toBe('what if S1 fails');
    book.rename(cluster, 2, 'x'.repeat(200));
    expect(book.list(cluster)[2]?.name).toHaveLength(MAX_NAME);

    const again = await Cluster.load(book.save(cluster));
    expect(again.branches().map(({ name }) => name)).toEqual(book.list(cluster).map(({ name }) => name));
    expect(again.traceHash()).toBe(cluster.traceHash());
    const shared = await Cluster.fromLink(await book.link(cluster));
    expect(shared.branches()[1]?.name).toBe('what if S1 fails');
  });

  test('deletes one with all that left it, and takes that back', () => {
    expect(parents()).toEqual([null, 0, 1, 0]);
    book.remove(cluster, 1);
    expect(ids()).toEqual([0, 3]);
    expect(book.lastDeleted(cluster)).toEqual({ name: 'branch 1', others: 1 });
    book.remove(cluster, 3);
    expect(ids()).toEqual([0]);
    book.restore(cluster);
    expect(ids()).toEqual([0, 3]);
    book.restore(cluster);
    expect(ids()).toEqual([0, 1, 2, 3]);
    expect(book.lastDeleted(cluster)).toBeNull();
  });

  test('leaves a deleted branch that was looked at for the moment at which it began', () => {
    cluster.switchBranch(2);
    const { forkStep } = cluster.branches()[1] as BranchView;
    book.remove(cluster, 1);
    expect(cluster.frame().header).toMatchObject({ branch: 0, step: forkStep });
  });

  test('saves a run without what was deleted, with the others as they were', async () => {
    cluster.switchBranch(3);
    book.remove(cluster, 1);
    const again = await Cluster.load(book.save(cluster));
    expect(again.branches().map(({ name, parent, current }) => [name, parent, current])).toEqual([
      ['main', null, false],
      ['branch 3', 0, true],
    ]);
    expect(again.traceHash()).toBe(cluster.traceHash());
    again.switchBranch(0);
    cluster.switchBranch(0);
    expect(again.traceHash()).toBe(cluster.traceHash());
  });

  test('never hides the branch that is shown', () => {
    book.remove(cluster, 1);
    cluster.switchBranch(2);
    expect(ids()).toEqual([0, 1, 2, 3]);
  });

  test('refuses to delete the first branch and what is not there', () => {
    const code = (id: number) => {
      try {
        book.remove(cluster, id);
      } catch (error) {
        return error instanceof RaftError ? error.code : 'not a RaftError';
      }
      return 'nothing was thrown';
    };
    expect([code(0), code(9)]).toEqual(['invalidArgument', 'unknownMoment']);
    book.remove(cluster, 1);
    expect(code(2)).toBe('unknownMoment');
    expect(ids()).toEqual([0, 3]);
  });

  test('begins anew with another run, and knows the first one when it is come back to', async () => {
    book.rename(cluster, 0, 'mine');
    book.remove(cluster, 1);
    const other = await Cluster.create({ servers: 3, seed: 6 });
    expect(book.list(other).map(({ name }) => name)).toEqual(['main']);
    expect(book.lastDeleted(other)).toBeNull();
    expect(book.list(cluster).map(({ name }) => name)).toEqual(['mine', 'branch 3']);
  });
});

describe('comparing', () => {
  const branch = (id: number) => cluster.branches()[id] as BranchView;
  const compare = (a: number, b: number) => new Comparer().compare(cluster, branch(a), branch(b), cluster.branches());

  test('finds the first difference at the step where somebody acted', () => {
    const found = compare(0, 1);
    expect(found.parted).toBe(true);
    expect(found.steps).toBe(branch(1).forkStep);
    const first = found.rows.find((row) => row.first);
    expect([first?.a, first?.b].map((event) => event?.text)).toContain('crash S1');
    expect(found.rows.slice(0, found.rows.indexOf(first as never)).every(({ kind }) => kind === 'same')).toBe(true);
    expect(found.ends[0].servers[0]?.look).not.toBe('crashed');
    expect(found.ends[1].servers[0]?.look).toBe('crashed');
    expect(found.difference[1].servers[0]?.look).toBe('crashed');
  });

  test('of cousins, too, and the other way round', () => {
    expect(branch(1).forkStep).toBeLessThan(20);
    expect(compare(2, 3).steps).toBe(branch(1).forkStep);
    expect(compare(3, 2).steps).toBe(branch(1).forkStep);
    expect(compare(0, 2).steps).toBe(branch(1).forkStep);
  });

  test('of a fork where nothing else was done finds none, and later the first that comes', () => {
    cluster.switchBranch(0, 30);
    const id = cluster.fork();
    cluster.advance(1_000, { maxSteps: 10 });
    const comparer = new Comparer();
    const look = () => comparer.compare(cluster, branch(0), branch(id), cluster.branches());
    const { headStep } = branch(id);
    expect(look()).toMatchObject({ parted: false, steps: headStep, rows: [] });
    cluster.crash(1);
    expect(look()).toMatchObject({ parted: true, steps: headStep });
  });

  test.each([20, 1_023, 1_024, 1_025, 2_500])('wherever in a long run it is: after step %i', (steps) => {
    cluster.switchBranch(0, 10);
    const [a, b] = [cluster.fork(), 0];
    cluster.advance(1e8, { maxSteps: 3_000 });
    cluster.switchBranch(0);
    cluster.advance(1e8, { maxSteps: 3_000 - branch(0).headStep });
    cluster.seek(steps);
    const c = cluster.fork();
    cluster.advance(1e8, { maxSteps: 100 });
    cluster.crash(2);
    cluster.advance(1e8, { maxSteps: 500 });
    expect(compare(b, c)).toMatchObject({ parted: true, steps: steps + 100 });
    expect(compare(c, a)).toMatchObject({ parted: true, steps: steps + 100 });
    expect(compare(a, b)).toMatchObject({ parted: false, steps: Math.min(branch(a).headStep, branch(b).headStep) });
  });

  test('leaves the run at the very moment at which it was', () => {
    for (const [id, timeMs] of [
      [2, 461.5],
      [0, 300.25],
      [3, 10],
    ] as const) {
      cluster.switchBranch(id);
      cluster.seekTime(timeMs);
      const before = { ...cluster.frame().header };
      compare(0, 1);
      expect({ ...cluster.frame().header }).toEqual(before);
    }
    cluster.switchBranch(1);
    cluster.advance(0.5);
    const before = { ...cluster.frame().header };
    expect(() =>
      keepingPlace(cluster, () => {
        cluster.switchBranch(0, 3);
        throw new Error('no');
      }),
    ).toThrow('no');
    expect({ ...cluster.frame().header }).toEqual(before);
  });

  test.each([0, 1, 2, 3, 7, 63, 64, 99])('the search stops at the last step that is the same: %i', (last) => {
    const asked: number[] = [];
    const isSame = (step: number) => {
      asked.push(step);
      return step <= last;
    };
    expect(lastSame(0, 100, isSame)).toEqual({ steps: last, parted: true });
    expect(asked.length).toBeLessThan(16);
    expect(lastSame(0, last, isSame)).toEqual({ steps: last, parted: false });
  });

  test('what branches have in common follows from where they left each other', () => {
    const tree = [
      { id: 0, parent: null, forkStep: 0, headStep: 100 },
      { id: 1, parent: 0, forkStep: 40, headStep: 90 },
      // It left branch 1 before branch 1 left the first.
      { id: 2, parent: 1, forkStep: 30, headStep: 50 },
      { id: 3, parent: 0, forkStep: 60, headStep: 70 },
    ] as BranchView[];
    const common = (a: number, b: number) => commonSteps(tree, a, b);
    expect([common(0, 1), common(0, 2), common(1, 2), common(2, 3), common(1, 3), common(3, 3)]).toEqual([
      40, 30, 30, 30, 40, 70,
    ]);
  });
});
