const ENTITIES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

/** Text that can stand anywhere in a page. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);

/** As `escaped`, with `code` between backquotes. */
export const prose = (text: string): string => escaped(text).replace(/`([^`]+)`/g, "<code>$1</code>");

/** A page of the documentation. Nothing in it comes from elsewhere, so it works without the internet. */
export function htmlPage(title: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)} - Causeway</title>
<style>
body { font: 16px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 62rem; padding: 0 1rem; color: #1b1b1b; }
table { border-collapse: collapse; width: 100%; margin: .5rem 0 1rem; }
th, td { text-align: left; padding: .35rem .75rem; border-bottom: 1px solid #ddd; vertical-align: top; }
code { background: #f3f3f3; padding: 0 .25em; border-radius: 3px; font-size: .92em; }
tr:target { background: #fff3c4; }
details { border: 1px solid #ddd; border-radius: 6px; margin: .5rem 0; padding: .25rem 1rem; }
summary { cursor: pointer; padding: .35rem 0; }
.method { display: inline-block; min-width: 4.5em; font-weight: 600; }
.note { background: #eef4ff; border-left: 4px solid #3366cc; padding: .75rem 1rem; }
</style></head>
<body>${body}</body></html>
`;
}
