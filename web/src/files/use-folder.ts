import { useInfiniteQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo } from "react";
import { api } from "../api/client.ts";
import { uploads } from "./uploads/upload-queue.ts";

const PAGE = 100;
const FIELDS = ["id", "name", "type", "size", "modified_on", "parent", "tags", "metadata"];
/** While files arrive by the hundred. */
const REFRESH_MS = 1500;

export interface FileLine {
  id: string;
  name: string;
  type: "file" | "folder";
  size?: number;
  modified_on?: string;
  tags?: string[];
  metadata?: Record<string, string>;
}

/** The entries of a folder, page after page by token; more come with `more`. */
export function useFolder(folder: string) {
  const cache = useQueryClient();
  const query = useInfiniteQuery({
    queryKey: ["folder", folder],
    queryFn: async ({ pageParam }) => {
      const page = await api.scrollFolder({ file: folder, token: pageParam, limit: PAGE, fields: FIELDS });
      const next = page.links.find(({ rel }) => rel === "next");
      return { items: page.items as FileLine[], total: page.total, next: next && new URL(next.href).searchParams.get("token") };
    },
    initialPageParam: "init",
    getNextPageParam: ({ next }) => next ?? undefined,
  });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = uploads.onArrival((parent) => {
      if (parent !== folder || timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        void cache.invalidateQueries({ queryKey: ["folder", folder] });
      }, REFRESH_MS);
    });
    return () => {
      stop();
      clearTimeout(timer);
    };
  }, [cache, folder]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = query;
  const more = useCallback(() => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  }, [hasNextPage, isFetchingNextPage, fetchNextPage]);
  const entries = useMemo(() => query.data?.pages.flatMap(({ items }) => items) ?? [], [query.data]);
  return {
    entries,
    total: query.data?.pages[0]?.total ?? 0,
    isPending: query.isPending,
    error: query.error,
    hasMore: hasNextPage,
    more,
  };
}
