import { useEffect, useState } from "react";
import type { LayoutAsked, LayoutFound } from "./layout-shapes.ts";

/** Where everything of a graph goes; undefined until that is known. The last layout stays until the new one is there. */
export function useLayout(asked: LayoutAsked | undefined): LayoutFound | undefined {
  const [found, setFound] = useState<LayoutFound>();
  useEffect(() => {
    if (!asked) return;
    const worker = new Worker(new URL("./layout-worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<{ found: LayoutFound }>) => {
      setFound(data.found);
      worker.terminate();
    };
    worker.postMessage({ ...asked, turn: 0 });
    return () => worker.terminate();
  }, [asked]);
  return found;
}
