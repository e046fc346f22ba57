// Starts an S3 server for tests by hand, prints how to reach it, and stops it on Ctrl-C:
//     node storage/src/testing/start-swift.ts
import { startSwift } from "./swift.ts";

const { stop, ...address } = await startSwift();
console.log(JSON.stringify(address));
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void stop());
