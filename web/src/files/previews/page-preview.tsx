import { useEffect, useRef } from "react";

/**
 * A page as it was made, in a frame that has no origin: nothing in it runs, nothing is fetched for it, and it reaches
 * neither this page nor its session.
 */
export function PagePreview({ html, name }: { html: string; name: string }) {
  const frame = useRef<HTMLIFrameElement>(null);
  useEffect(() => {
    const onReady = ({ source, data }: MessageEvent<unknown>) => {
      const inner = frame.current?.contentWindow;
      if (inner && source === inner && data === "ready") inner.postMessage(html, "*");
    };
    addEventListener("message", onReady);
    return () => removeEventListener("message", onReady);
  }, [html]);
  return <iframe ref={frame} className="page-preview" sandbox="allow-scripts" src="/frame" title={name} />;
}
