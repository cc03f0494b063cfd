import { type MeasureRequest, measure } from './measure.js';

// In a worker: a run is played twice in order to measure it, which a page must not wait for.

self.onmessage = async ({ data: { id, request } }: MessageEvent<{ id: number; request: MeasureRequest }>) => {
  try {
    self.postMessage({ id, report: await measure(request) });
  } catch (error) {
    self.postMessage({ id, error: error instanceof Error ? error.message : String(error) });
  }
};
