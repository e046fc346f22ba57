import assert from "node:assert/strict";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import type { Executor } from "../executor.ts";
import { type JobWorld, untilOver } from "./world.ts";

/** What holds where commands are wrapped. */
export function testIsolation(
  story: (sentence: string, tell: (executor: Executor, world: JobWorld) => Promise<void>) => void,
): void {
  story("a job sees its mounts under their names, and cannot change what is read-only", async (executor, world) => {
    const other = world.shell("");
    const inside = (name: string) => ({ source: other.outdir.host, target: `/inputs/${name}`, writable: false });
    const job = world.shell("echo x > '/inputs/odd , name:1/new'; echo y > /usr/new; echo z > /new; ls /inputs; cat /kept/ran", {
      mounts: [inside("odd , name:1"), { source: other.outdir.host, target: "/kept", writable: true }],
    });
    job.argv[2] = `echo w > /kept/ran; ${job.argv[2]}`;
    await executor.submit(job);
    await untilOver(executor, job.id);
    assert.equal(world.stdout(job), "odd , name:1\nw\n");
    const refusals = readFileSync(job.stderr!, "utf8").trimEnd().split("\n");
    assert.equal(refusals.length, 3, refusals.join("\n"));
    assert.ok(
      refusals.every((line) => /Read-only file system|Permission denied/.test(line)),
      refusals.join("\n"),
    );
  });

  story("a job cannot see other files of the host, nor its processes, and is no administrator", async (executor, world) => {
    const secret = world.shell("");
    const job = world.shell(
      `ls '${secret.outdir.host}' /root /home /work /etc/shadow /etc/ssl/private; id -u; ls -d /proc/[0-9]* | wc -l; mount -t tmpfs x /tmp; echo $?`,
    );
    await executor.submit(job);
    await untilOver(executor, job.id);
    const [user, processes, mounted] = world.stdout(job).trim().split("\n").map(Number);
    assert.ok(user! > 0);
    assert.ok(processes! < 8, "only its own processes");
    assert.notEqual(mounted, 0);
    assert.equal(readFileSync(job.stderr!, "utf8").match(/No such file/g)?.length, 6);
  });

  story("a job has no network unless it may", async (executor, world) => {
    const server = createServer((socket) => socket.end("hello")).listen(0, "127.0.0.1");
    await once(server, "listening");
    const { port } = server.address() as { port: number };
    const code = `exec 3<>/dev/tcp/127.0.0.1/${port} && cat <&3`;
    const [closed, open] = [false, true].map((network) => world.job(["bash", "-c", code], { network }));
    for (const job of [closed!, open!]) await executor.submit(job);
    const refused = await untilOver(executor, closed!.id);
    assert.equal(refused.is === "exited" && refused.code, 1);
    await untilOver(executor, open!.id);
    assert.equal(world.stdout(open!), "hello");
    server.close();
  });
}
