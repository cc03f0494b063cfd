import { Cluster } from '../engine.js';
import type { MetricsReport } from '../model.js';

/** Which run is measured, and how finely. */
export interface MeasureRequest {
  recording: string;
  /** The branch; null: the one that the recording shows. */
  branch: number | null;
  windowMs: number;
}

/** Everything that was measured of a branch, from its start to its end. */
export async function measure({ recording, branch, windowMs }: MeasureRequest): Promise<MetricsReport> {
  const cluster = await Cluster.load(recording);
  try {
    if (branch !== null) cluster.switchBranch(branch);
    cluster.seek(cluster.frame().header.headStep);
    return cluster.metrics({ windowMs });
  } finally {
    cluster.dispose();
  }
}
