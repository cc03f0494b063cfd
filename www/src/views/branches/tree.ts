import type { BranchView } from '../../model.js';

/** One branch as a line of the tree. */
export interface TreeRow {
  branch: BranchView;
  /** From 1. */
  level: number;
  /** Its place among those that left the same branch, from 1, and how many they are. */
  place: number;
  count: number;
  /** The line of the branch that it left. */
  parentRow: number | null;
}

/** The branches line by line: each after the one that it left, in the order in which they were opened. */
export function treeRows(branches: readonly BranchView[]): TreeRow[] {
  const known = new Set(branches.map(({ id }) => id));
  const rows: TreeRow[] = [];
  const visit = (parent: number | null, level: number, parentRow: number | null) => {
    const children = branches.filter((branch) => (known.has(branch.parent ?? -1) ? branch.parent : null) === parent);
    children.forEach((branch, i) => {
      rows.push({ branch, level, place: i + 1, count: children.length, parentRow });
      visit(branch.id, level + 1, rows.length - 1);
    });
  };
  visit(null, 1, null);
  return rows;
}

/** Where a key leads from a line of the tree; `null` if the key means nothing there. */
export function rowAfter(rows: readonly TreeRow[], at: number, key: string): number | null {
  switch (key) {
    case 'ArrowDown':
      return Math.min(rows.length - 1, at + 1);
    case 'ArrowUp':
      return Math.max(0, at - 1);
    case 'ArrowLeft':
      return rows[at]?.parentRow ?? at;
    case 'ArrowRight':
      return rows[at + 1]?.parentRow === at ? at + 1 : at;
    case 'Home':
      return 0;
    case 'End':
      return rows.length - 1;
    default:
      return null;
  }
}
