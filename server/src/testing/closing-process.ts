import { closeMonths } from "../billing/invoice-queries.ts";
import { createLedger } from "../billing/ledger.ts";
import { openDatabase } from "../db/database.ts";

/**
 * For `billing/crash.test.ts`, which kills it: closes the days of 2031 up to its 100th, and their months, as the hourly sweep
 * does when each has ended. `process.argv[2]` is the database.
 */
const { db, close } = openDatabase(process.argv[2]!, 2);
const ledger = createLedger(db);
for (let day = 2; day <= 101; day++) {
  const now = new Date(Date.UTC(2031, 0, day));
  await ledger.chargeStorage(now);
  await closeMonths(db, now);
}
await close();
