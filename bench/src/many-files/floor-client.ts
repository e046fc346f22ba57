import { readFile } from "node:fs/promises";
import { Agent, request } from "node:http";

/** Sends the files to the floor, a few at once, with as many requests a file as an upload takes. Answers seconds. */
export async function sendToFloor(port: string, paths: readonly string[], atOnce: number): Promise<number> {
  const agent = new Agent({ keepAlive: true });
  const ask = (method: string, path: string, body: string | Buffer) =>
    send(agent, `http://127.0.0.1:${port}${path}`, method, body);
  const waiting = paths.values();
  const started = performance.now();
  const lane = async () => {
    for (const path of waiting) {
      const { upload_id } = await ask("POST", "/start", JSON.stringify({ name: path }));
      const { url } = await ask("GET", `/address/${upload_id}`, "");
      const { etag } = await ask("PUT", url, await readFile(path));
      await ask("POST", `/complete/${upload_id}`, JSON.stringify({ etag }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  agent.destroy();
  return (performance.now() - started) / 1000;
}

// biome-ignore lint/suspicious/noExplicitAny: the floor's answers are our own.
function send(agent: Agent, url: string, method: string, body: string | Buffer): Promise<any> {
  return new Promise((resolve, reject) => {
    const headers = { "content-length": Buffer.byteLength(body) };
    const sent = request(url, { method, agent, headers }, async (response) => {
      let text = "";
      for await (const chunk of response.setEncoding("utf8")) text += chunk;
      resolve(JSON.parse(text));
    });
    sent.once("error", reject).end(body);
  });
}
