import type { Comparison } from "./comparison.ts";

/** What holds for every call (conventions.md). */
export const EVERY_CALL: Comparison = {
  differs: [
    "Links (`href`, `links`, every `…_url`) begin with this platform's own public address, whatever `Host` a request names.",
    "`more_info` is a page of this platform, and carries a sentence about the case in its `detail` parameter: what exactly was wrong, and what is allowed there. `message` stays that of the published table, byte for byte.",
    "An unexpected failure is 500 with code 90004, where the published table says 503: the R client loops for ever on a 503 whose code is not 0. 503 is kept for maintenance (code 0) and for a service that is really away (`x000`, 5010, 90005).",
    "A body that cannot be decoded is 400 with code 90009, where a newer table says 500, for the same reason.",
    "A path that there is not is 404 with the usual body and code 90003, where the vendor's gateway sends a body without a code.",
    "Tokens are those of this platform: operators issue them (`causeway user create`, `causeway token new`), there is no call for it here either. A session id (`X-SBG-Session-Id`) is not taken.",
    "The rate limit is the documented one, 1,000 requests in five minutes a user; operators can set others. The calls that move bytes, those of an upload and `download_info`, are not counted: ten thousand small files, three or four calls each, would take hours.",
    "The R client drops the port of every link it follows, so its paging and `reload()` need a platform on port 443 or 80. That is so with the vendor's platform, too, which is always on 443.",
  ],
  chosen: [
    "`limit` above 100 counts as 100; one below 1, a negative `offset` and what is no integer are 400/90000. Lists are ordered by creation, newest first, then by id, unless said otherwise below.",
    "When several things are wrong the first of these is told: no such path, no such method, no token, too many requests, a closed service, media type, JSON, a malformed id, not there, no rights, wrong values, wrong state.",
    "What is there but may not be seen answers 403 (`x001`), what is not there 404 (`x002`).",
    "`fields`: unknown names are ignored; a negation alone takes away from what would have come; `href` and `id` come only when they are selected.",
    "Calls that the vendor opens only with the header `X-SBG-Advance-Access` work without it; the header is accepted.",
    "A 429 comes without `Retry-After`, since Python's HTTP layer would wait silently. Refused calls are not counted, nor are `GET /` and `GET /rate_limit`. All tokens of a user share one limit.",
    "Unknown query parameters and unknown keys of a body are ignored. A list of texts may come as one text. `true` and `false` are taken in any case. An explicit `null` for an optional key is no value.",
    "Timestamps in filters may be a day, a time with or without a zone (then UTC), with `T` or a blank.",
    "`GET` on a path with a trailing slash is answered directly; nothing is ever redirected.",
    "`HEAD` answers as `GET` does, without the body. Web pages of any origin may call (`OPTIONS` and the CORS headers). What cannot be read as a request at all, such as a path that does not decode, is 400/90000 with the usual body.",
  ],
};
