import { findBubblewrap } from "../containers/bubblewrap.ts";
import { testExecutor } from "../testing/executor-suite.ts";

const plain = { module: new URL("../testing/plain.ts", import.meta.url), isolates: false };
const bubblewrap = await findBubblewrap();
const bubblewrapped = {
  module: new URL("../testing/bubblewrapped.ts", import.meta.url),
  isolates: true,
  unusable: "unusable" in bubblewrap ? bubblewrap.unusable : undefined,
};
// What an ordinary user has, who may not make control groups.
const ordinary = { options: [{ controlGroups: false }], samplesMemory: true };

testExecutor("process executor, plain", plain);
testExecutor("bubblewrap, process executor", bubblewrapped);
testExecutor("process executor, plain, without control groups", { ...plain, ...ordinary });
testExecutor("bubblewrap, process executor, without control groups", { ...bubblewrapped, ...ordinary });
