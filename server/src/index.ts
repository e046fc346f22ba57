export { sweepLeftBehind } from "./maintenance/left-behind.ts";
export { readSettings, SETTINGS, type Settings } from "./settings.ts";
export { createPlatform, type Platform } from "./wiring/platform.ts";
