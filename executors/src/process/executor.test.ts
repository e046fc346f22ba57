import { testExecutor } from "../testing/executor-suite.ts";

const plain = { module: new URL("../testing/plain.ts", import.meta.url), isolates: false };
const bubblewrapped = { module: new URL("../testing/bubblewrapped.ts", import.meta.url), isolates: true };
// What an ordinary user has, who may not make control groups.
const ordinary = { options: [{ controlGroups: false }], samplesMemory: true };

testExecutor("process executor, plain", plain);
testExecutor("process executor in bubblewrap", bubblewrapped);
testExecutor("process executor, plain, without control groups", { ...plain, ...ordinary });
testExecutor("process executor in bubblewrap, without control groups", { ...bubblewrapped, ...ordinary });
