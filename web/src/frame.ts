// The whole of a page without an origin (`/frame`, in a sandbox): it becomes the page that it is sent. Its own policy, which
// stays, runs no script but this one, and lets the page fetch nothing; from then on not even the scripts of our own pages.
addEventListener("message", ({ source, data }: MessageEvent<unknown>) => {
  if (source !== parent || typeof data !== "string") return;
  const policy = document.createElement("meta");
  policy.httpEquiv = "Content-Security-Policy";
  policy.content = "script-src 'none'";
  document.head.append(policy);
  document.open();
  document.write(data);
  document.close();
});
parent.postMessage("ready", "*");
