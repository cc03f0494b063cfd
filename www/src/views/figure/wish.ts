/** A figure of a view as it is just now. */
export interface FigureWish {
  of: 'ring' | 'logs' | 'history';
  format: 'svg' | 'png';
}
