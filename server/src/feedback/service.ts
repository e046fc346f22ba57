import type { BodyOf, Operations } from "@causeway/contract";
import { sql } from "kysely";
import type { Database } from "../db/database.ts";
import type { Actor } from "../http/actor.ts";
import { ApiError } from "../http/errors.ts";
import type { FeedbackTable } from "./tables.ts";

/** What somebody said, for the operators. */
export type Feedback = Pick<FeedbackTable, "kind" | "text" | "referrer"> & { username: string; sent_at: Date };

const LISTED = 200;

export type FeedbackService = ReturnType<typeof createFeedbackService>;

export function createFeedbackService(db: Database) {
  return {
    /**
     * Keeps one item for the operators; without a type it is an idea.
     *
     * @throws ApiError `rateLimitExceeded` within a minute of the user's last one; `badRequest`
     */
    async send(actor: Actor, body: () => BodyOf<Operations["sendFeedback"]>): Promise<void> {
      const { text, type = "idea", referrer = null } = body();
      await db.transaction().execute(async (tx) => {
        // Two at the same moment are one too many as well.
        await sql`select pg_advisory_xact_lock(hashtextextended(${`feedback of ${actor.id}`}, 0))`.execute(tx);
        const recent = await tx
          .selectFrom("feedback")
          .select("id")
          .where("user_id", "=", actor.id)
          .where("sent_at", ">", sql<Date>`now() - interval '1 minute'`)
          .executeTakeFirst();
        if (recent) throw new ApiError("rateLimitExceeded", "Feedback is taken once a minute.");
        await tx.insertInto("feedback").values({ user_id: actor.id, kind: type, text, referrer }).execute();
      });
    },

    /** What was said last, newest first. For operators: no actor is asked. */
    async latest(): Promise<Feedback[]> {
      return db
        .selectFrom("feedback")
        .innerJoin("users", "users.id", "feedback.user_id")
        .select(["users.username", "feedback.kind", "feedback.text", "feedback.referrer", "feedback.sent_at"])
        .orderBy("feedback.id", "desc")
        .limit(LISTED)
        .execute();
    },
  };
}
