const FORM = /^<([^>]+)>; rel="item"; title="part 1"$/;

/** The header `Link` of an answer that starts an upload of one part: where its bytes go. */
export const onlyPartLink = (address: string): string => `<${address}>; rel="item"; title="part 1"`;

/** The address that `onlyPartLink` tells; undefined where it has to be asked for. */
export const onlyPartAddress = (headers: Pick<Headers, "get">): string | undefined => FORM.exec(headers.get("link") ?? "")?.[1];
