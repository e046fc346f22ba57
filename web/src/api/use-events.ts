import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";

/** What is done with the data of each event. */
export type EventHandlers = Readonly<Record<string, (data: never) => void>>;

/** The first pause after a refusal, which is doubled with each. */
const RETRY_MS = { first: 5_000, most: 60_000 };

/**
 * Follows a stream of the server's events at `url` as long as the page can be seen: a hidden one needs none, and browsers
 * have few connections for a host. After the event `end` nothing more comes. Where it is refused, the session may be over.
 */
export function useEvents(url: string, handlers: EventHandlers): void {
  const cache = useQueryClient();
  const current = useRef(handlers);
  useEffect(() => {
    current.current = handlers;
  });
  useEffect(() => {
    let source: EventSource | undefined;
    let retry: ReturnType<typeof setTimeout> | undefined;
    let pause = RETRY_MS.first;
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
      opened.addEventListener("open", () => {
        pause = RETRY_MS.first;
      });
      opened.addEventListener("error", () => {
        if (opened.readyState !== EventSource.CLOSED || source !== opened) return;
        void cache.invalidateQueries({ queryKey: ["session"] });
        retry = setTimeout(open, pause);
        pause = Math.min(2 * pause, RETRY_MS.most);
      });
    };
    open();
    document.addEventListener("visibilitychange", open);
    return () => {
      document.removeEventListener("visibilitychange", open);
      close();
    };
  }, [url, cache]);
}
