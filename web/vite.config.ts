import { defineConfig } from "vite";

export default defineConfig({
  base: "/",
  build: {
    target: "es2024",
    assetsDir: "assets",
    // The policy of the pages allows no `data:`; an asset is a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 2000,
    rollupOptions: { input: ["index.html", "frame.html"] },
  },
  worker: { format: "es" },
});
