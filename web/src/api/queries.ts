import { ApiFailure, ConnectionFailure } from "@causeway/contract/client";
import { QueryClient } from "@tanstack/react-query";

/** What was asked is remembered and asked again when it is looked at later; nothing is asked in turns. */
export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The client has tried again already where the connection failed.
      retry: (count, error) =>
        count < 2 && !(error instanceof ConnectionFailure) && !(error instanceof ApiFailure && error.status < 500),
    },
    mutations: { retry: false },
  },
});
