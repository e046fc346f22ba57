/** What is to be laid out: boxes of a size, some within others, and arrows between those that are no frames. */
export interface LayoutAsked {
  boxes: { id: string; width: number; height: number; parent: string | null }[];
  arrows: { from: string; to: string }[];
}

export interface LayoutFound {
  /** Centres. */
  boxes: { [id: string]: { x: number; y: number; width: number; height: number } };
  arrows: { from: string; to: string; points: { x: number; y: number }[] }[];
  width: number;
  height: number;
}
