import { type KeyboardEvent, type PointerEvent, type RefObject, useCallback, useEffect, useRef, useState } from "react";

/** What of the drawing is seen: the point at the upper left, and pixels a unit. */
export interface Viewport {
  x: number;
  y: number;
  scale: number;
  width: number;
  height: number;
}

interface Drawing {
  width: number;
  height: number;
}

const SCALES = { least: 0.08, most: 2.5 };
const STEP = 60;

/** Moving about in a drawing by pointer, wheel and keys. It is fitted into the view until somebody moves it. */
export function useViewport(frame: RefObject<SVGSVGElement | null>, drawing: Drawing | undefined) {
  const [view, setView] = useState<Viewport>({ x: 0, y: 0, scale: 1, width: 800, height: 500 });
  const isOwn = useRef(false);
  const drag = useRef<{ x: number; y: number }>(undefined);

  const fit = useCallback(() => {
    isOwn.current = false;
    setView((now) => (drawing ? fitted(now, drawing) : now));
  }, [drawing]);
  const zoom = useCallback((factor: number, at?: { x: number; y: number }) => {
    isOwn.current = true;
    setView((now) => zoomed(now, factor, at ?? { x: now.width / 2, y: now.height / 2 }));
  }, []);
  const move = useCallback((dx: number, dy: number) => {
    isOwn.current = true;
    setView((now) => ({ ...now, x: now.x + dx / now.scale, y: now.y + dy / now.scale }));
  }, []);

  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    const sized = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      setView((now) => (drawing && !isOwn.current ? fitted({ ...now, width, height }, drawing) : { ...now, width, height }));
    });
    sized.observe(element);
    const onWheel = (event: WheelEvent) => {
      event.preventDefault();
      const { left, top } = element.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), { x: event.clientX - left, y: event.clientY - top });
    };
    element.addEventListener("wheel", onWheel, { passive: false });
    return () => {
      sized.disconnect();
      element.removeEventListener("wheel", onWheel);
    };
  }, [frame, drawing, zoom]);

  return {
    view,
    fit,
    zoom,
    handlers: {
      onPointerDown: (event: PointerEvent) => {
        if (event.button !== 0 || (event.target as Element).closest("[role=button]")) return;
        drag.current = { x: event.clientX, y: event.clientY };
        event.currentTarget.setPointerCapture(event.pointerId);
      },
      onPointerMove: (event: PointerEvent) => {
        if (!drag.current) return;
        move(drag.current.x - event.clientX, drag.current.y - event.clientY);
        drag.current = { x: event.clientX, y: event.clientY };
      },
      onPointerUp: () => {
        drag.current = undefined;
      },
      onKeyDown: (event: KeyboardEvent) => {
        if (event.key === "ArrowLeft") move(-STEP, 0);
        else if (event.key === "ArrowRight") move(STEP, 0);
        else if (event.key === "ArrowUp") move(0, -STEP);
        else if (event.key === "ArrowDown") move(0, STEP);
        else if (event.key === "+") zoom(1.25);
        else if (event.key === "-") zoom(0.8);
        else return;
        event.preventDefault();
      },
    },
  };
}

const bounded = (scale: number) => Math.min(SCALES.most, Math.max(SCALES.least, scale));

function fitted(view: Viewport, drawing: Drawing): Viewport {
  const scale = bounded(Math.min(1, view.width / Math.max(1, drawing.width), view.height / Math.max(1, drawing.height)));
  return { ...view, scale, x: (drawing.width - view.width / scale) / 2, y: (drawing.height - view.height / scale) / 2 };
}

/** The point `at` (pixels of the view) stays where it is. */
function zoomed(view: Viewport, factor: number, at: { x: number; y: number }): Viewport {
  const scale = bounded(view.scale * factor);
  return { ...view, scale, x: view.x + at.x / view.scale - at.x / scale, y: view.y + at.y / view.scale - at.y / scale };
}
