import { Type } from "typebox";
import { operation } from "../operation.ts";
import { MAX_LIMIT } from "../paging.ts";
import { SearchQuery, SearchResult } from "./shapes.ts";

export const searchFiles = operation({
  id: "searchFiles",
  method: "POST",
  path: "/files/search",
  aliases: ["/search"],
  tag: "search",
  summary: "Find files by a query",
  query: Type.Object({
    limit: Type.Optional(
      Type.Integer({ description: `Entries of an answer, at most ${MAX_LIMIT}; 50 unless given.`, minimum: 1 }),
    ),
    cont_token: Type.Optional(
      Type.String({ description: "From the answer before; `start` for the first.", "x-blank-absent": true }),
    ),
  }),
  body: SearchQuery,
  status: 200,
  reply: SearchResult,
  errors: ["searchForbidden", "searchLocationNotFound", "searchServiceUnavailable", "searchInconsistent"],
});
