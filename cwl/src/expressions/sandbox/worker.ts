import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Evaluation, Library, Verdict, WorkerStart } from "./messages.ts";
import { type Outcome, type Program, Realm } from "./realm.ts";

// The clock inside of QuickJS is this thread's. Every evaluation begins at the task's time, in UTC, and each look at the
// clock moves it by a millisecond: a replay reads the same, and a loop that waits for time to pass ends. (Set before the
// module is loaded: it may keep a reference.) Deadlines use performance.now().
let now = 0;
Date.now = () => now++;
Date.prototype.getTimezoneOffset = () => 0;

const { newQuickJSWASMModule } = await import("quickjs-emscripten");
const quickjs = await newQuickJSWASMModule();
const { progress, limits } = workerData as WorkerStart;
const port = parentPort!;

/** Realms kept warm. Each may hold up to the memory limit. */
const WARM_REALMS = 8;
/** Answers are sent at the latest after this time, so that the first of a batch need not wait for its last. */
const FLUSH_MILLISECONDS = 4;

const libraries = new Map<number, Library>();
const frozenRealms = new Map<number, Realm>();
/** For the first task: made while the program still reads its documents. */
let spareRealm: Realm | undefined = new Realm(quickjs, limits, true);
/** Libraries that change built-ins: their evaluations get a realm of their own at once. */
const changesBuiltins = new Set<number>();

port.on("message", (batch: Batch) => {
  libraries.clear();
  for (const library of batch.libraries) libraries.set(library.library, library);
  let verdicts: Verdict[] = [];
  let sentAt = performance.now();
  for (const evaluation of batch.evaluations) {
    Atomics.store(progress, 0, evaluation.sequence);
    verdicts.push({ sequence: evaluation.sequence, ...evaluate(evaluation) });
    if (performance.now() - sentAt > FLUSH_MILLISECONDS) {
      port.postMessage(verdicts);
      verdicts = [];
      sentAt = performance.now();
    }
  }
  Atomics.store(progress, 0, 0);
  if (verdicts.length > 0) port.postMessage(verdicts);
});

function evaluate(evaluation: Evaluation): Outcome {
  const library = libraries.get(evaluation.library)!;
  const program = { ...library, code: evaluation.code, isBody: evaluation.isBody };
  if (changesBuiltins.has(library.library)) return evaluateAlone(program, evaluation.variables);

  const outcome = evaluateFrozen(evaluation.realm, program, evaluation.variables);
  if ("json" in outcome || outcome.failure.limit) return outcome;
  // Either the expression is wrong, or it changes what is frozen. An ordinary realm knows.
  const authority = evaluateAlone(program, evaluation.variables);
  if ("json" in authority) changesBuiltins.add(library.library);
  return authority;
}

function evaluateFrozen(id: number, program: Program & Library, variables: string): Outcome {
  const realm = frozenRealms.get(id) ?? spareRealm ?? new Realm(quickjs, limits, true);
  spareRealm = undefined;
  frozenRealms.delete(id);
  frozenRealms.set(id, realm);
  now = program.now;
  const outcome = realm.evaluate(program, variables);
  if (realm.isSpent) {
    frozenRealms.delete(id);
    realm.dispose();
  } else if (frozenRealms.size > WARM_REALMS) {
    const [oldest, unused] = frozenRealms.entries().next().value!;
    frozenRealms.delete(oldest);
    unused.dispose();
  }
  return outcome;
}

function evaluateAlone(program: Program & Library, variables: string): Outcome {
  const realm = new Realm(quickjs, limits, false);
  try {
    now = program.now;
    return realm.evaluate(program, variables);
  } finally {
    realm.dispose();
  }
}
