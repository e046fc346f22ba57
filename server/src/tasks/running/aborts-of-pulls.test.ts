import { createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { HostEngines } from "@causeway/executors";
import { withWorld } from "../../testing/world.ts";
import { isWaiting, leavesNothing, SLEEP, until } from "./abort-points.ts";
import { abort, abortWhole, begin, placeOf } from "./aborting.ts";

/** A registry of images that takes every connection and never says a word. */
async function silentRegistry(): Promise<{ name: string; asked: () => boolean; close(): Promise<void> }> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  return {
    name: `127.0.0.1:${port}`,
    asked: () => sockets.size > 0,
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("an abort is obeyed while an image is pulled, and the pull ends when nobody waits for it", async (context: TestContext) => {
  const engines = new HostEngines({ isolation: "none", images: "auto" });
  await engines.look();
  engines.close();
  const { images } = engines.found;
  if ("unusable" in images) return context.skip(images.unusable);
  await withWorld(async (world) => {
    const place = await placeOf(world, "mira");
    for (const [at, settings] of [
      ["its image is pulled", { use_memoization: false }],
      ["the image that tells its job from others is pulled", { use_memoization: true }],
    ] as const) {
      const registry = await silentRegistry();
      const docker = { class: "DockerRequirement", dockerPull: `${registry.name}/slow/tool:1` };
      const document = { ...SLEEP, requirements: [docker] };
      const [one, other] = [
        await begin(place, document, { execution_settings: settings }),
        await begin(place, document, { execution_settings: settings }),
      ];
      await until("the pull", async () => registry.asked());
      if (!settings.use_memoization) await isWaiting("its image is fetched")(world, one);
      await abort(place, one, at);
      await abortWhole(place, other, at, [registry.name]);
      await leavesNothing(world, at, [one]);
      await registry.close();
    }
  })();
});
