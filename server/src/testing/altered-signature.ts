/** The signed address `url` with another first character in its signature: never the same address, whatever it was. */
export const withAlteredSignature = (url: string): string =>
  url.replace(/(?<=[?&]sig=)./, (first) => (first === "A" ? "B" : "A"));
