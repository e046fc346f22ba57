import { createServer } from "node:net";

/** Why a TCP port cannot be listened on: the system's code, or nothing when it can. */
export function portTrouble(port: number, host: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", ({ code }: NodeJS.ErrnoException) => resolve(code ?? "unknown"));
    probe.listen(port, host, () => probe.close(() => resolve(undefined)));
  });
}

/** Whether a port of this machine is free. */
export const isFree = async (port: number): Promise<boolean> => (await portTrouble(port, "127.0.0.1")) === undefined;
