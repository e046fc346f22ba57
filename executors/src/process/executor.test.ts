import { testExecutor } from "../testing/executor-suite.ts";

testExecutor("process executor, plain", { module: new URL("../testing/plain.ts", import.meta.url), isolates: false });
testExecutor("process executor in bubblewrap", {
  module: new URL("../testing/bubblewrapped.ts", import.meta.url),
  isolates: true,
});
