import { test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { sql } from "kysely";
import { withWorld } from "../../testing/world.ts";
import { findsRow, isWaiting, SLEEP } from "./abort-points.ts";
import { abortWhole, begin, holding, placeOf, THE_QUEUE } from "./aborting.ts";

test(
  "an abort is obeyed while the task's document waits to be compiled, and while there is too little room on the disk",
  withWorld(
    async (world) => {
      const place = await placeOf(world, "mira");
      const sending = new AbortController();
      let compiled = "";
      await holding(world, THE_QUEUE, async () => {
        compiled = await begin(place, SLEEP);
        const headers = { "content-type": "application/yaml", "x-sbg-auth-token": await world.token("mira") };
        const send = (name: string, body: string) =>
          fetch(`${world.url}/apps/${place.project}/${name}/raw`, { method: "POST", body, headers, signal: sending.signal });
        let isAtWork = false;
        const occupy = () => {
          isAtWork = true;
          // Its answer is not waited for. On a busy machine it may be given up before the small ones have come.
          send("endless", ENDLESS)
            .then(() => (isAtWork = false))
            .catch(() => {});
        };
        // One document of the user's is at work and another waits, for longer than one like it takes.
        let refused = 0;
        for (let small = 0; refused < 3; small++) {
          if (!isAtWork) occupy();
          const answer = send(`small${small}`, JSON.stringify(SLEEP))
            .then(({ status }) => status)
            .catch(() => 0);
          if ((await Promise.race([answer, wait(100)])) === 429) refused++;
          else refused = 0;
          await wait(100);
        }
      });
      await findsRow(world, "a driven task", sql`select from tasks where id = ${compiled} and status = 'RUNNING'`);
      await abortWhole(place, compiled, "its document waits to be compiled");
      sending.abort();

      const other = await placeOf(world, "ben");
      const id = await begin(other, SLEEP);
      await isWaiting("the disk of ")(world, id);
      await abortWhole(other, id, "it waits for room on the disk");
    },
    { diskReserveMib: 1e9, documentsKeptMib: 0, documentsWaiting: 1 },
  ),
);

/** The parser of YAML takes minutes and gigabytes for this. */
const ENDLESS = `x: ${"[".repeat(150)}${"{a: [1, {b: 2}], ".repeat(200_000)}`;
