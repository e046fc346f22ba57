import { parentPort, workerData } from "node:worker_threads";
import type { Answer, Batch, Evaluation, Failure, Library, Verdict, WorkerStart } from "./messages.ts";
import { WANTED } from "./prelude.ts";
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
/** Expressions, by library and code, that have a value only without strict mode; with what strict mode says. */
const needsSloppy = new Map<string, Failure>();

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

function evaluate(evaluation: Evaluation): Answer {
  const library = libraries.get(evaluation.library)!;
  const program = { ...library, code: evaluation.code, isBody: evaluation.isBody };
  const { json, ...rest } = evaluateSomehow(program, evaluation) as { json?: string; warning?: Failure; failure?: Failure };
  if (json !== "") return { ...(json !== undefined && { json }), ...rest } as Answer;
  // What a function that returns nothing gives is no JSON; where the dialect was written it is null.
  if (program.isBody && !program.isStrict)
    return { json: "null", warning: { why: "it returns nothing, which is taken as null" } };
  return { failure: { why: `TypeError: the value is undefined; ${WANTED}` } };
}

/** In strict mode, as CWL asks (v1.2 §Expressions); what only that refuses, without it. */
function evaluateSomehow(program: Program & Library, { realm, variables }: Evaluation): Answer {
  const key = `${program.library} ${program.code}`;
  const known = needsSloppy.get(key);
  if (known) return evaluateSloppily(program, variables, known);
  if (!changesBuiltins.has(program.library)) {
    const outcome = evaluateFrozen(realm, program, variables);
    if ("json" in outcome || outcome.failure.limit) return outcome;
  }
  // Either the expression is wrong, or it changes what is frozen. An ordinary realm knows.
  const authority = evaluateAlone(program, variables, true);
  if ("json" in authority) {
    changesBuiltins.add(program.library);
    return authority;
  }
  const mayBeStrictness = /^(Reference|Syntax|Type)Error\b/.test(authority.failure.why);
  if (program.isStrict || authority.failure.limit || !mayBeStrictness) return authority;
  const sloppy = evaluateSloppily(program, variables, authority.failure);
  if ("json" in sloppy) needsSloppy.set(key, authority.failure);
  return sloppy;
}

function evaluateSloppily(program: Program & Library, variables: string, strictFailure: Failure): Answer {
  const outcome = evaluateAlone(program, variables, false);
  if ("failure" in outcome) return outcome;
  return { ...outcome, warning: { ...strictFailure, why: `${strictFailure.why}, in strict mode; it is run without` } };
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

function evaluateAlone(program: Program & Library, variables: string, isStrict: boolean): Outcome {
  const realm = new Realm(quickjs, limits, false);
  try {
    now = program.now;
    return realm.evaluateAlone(program, variables, isStrict);
  } finally {
    realm.dispose();
  }
}
