// The whole of a page without an origin (`/frame`, in a sandbox): it becomes the page that it is sent. Its own policy, which
// stays, runs no script but this one, and lets the page fetch nothing.
addEventListener("message", ({ source, data }: MessageEvent<unknown>) => {
  if (source !== parent || typeof data !== "string") return;
  document.open();
  document.write(data);
  document.close();
});
parent.postMessage("ready", "*");
