import { useEffect, useRef } from "react";

/** What is done with the data of each event. */
export type EventHandlers = Readonly<Record<string, (data: never) => void>>;

const RETRY_MS = 5_000;

/**
 * Follows a stream of the server's events at `url` (`undefined`: none) as long as the page can be seen: a hidden one needs
 * none, and browsers have few connections for a host. After the event `end` nothing more comes.
 */
export function useEvents(url: string | undefined, handlers: EventHandlers): void {
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });
  useEffect(() => {
    if (url === undefined) return;
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const close = () => {
      clearTimeout(retry);
      source?.close();
      source = undefined;
    };
    const open = () => {
      close();
      if (isOver || document.hidden) return;
      const opened = new EventSource(url);
      source = opened;
      for (const name of Object.keys(current.current)) {
        opened.addEventListener(name, (event) =>
          current.current[name]?.(JSON.parse((event as MessageEvent<string>).data) as never),
        );
      }
      opened.addEventListener("end", () => {
        isOver = true;
        close();
      });
      opened.addEventListener("error", () => {
        if (opened.readyState === EventSource.CLOSED && source === opened) retry = setTimeout(open, RETRY_MS);
      });
    };
    open();
    document.addEventListener("visibilitychange", open);
    return () => {
      document.removeEventListener("visibilitychange", open);
      close();
    };
  }, [url]);
}
