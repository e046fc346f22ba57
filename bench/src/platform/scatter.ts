import { echoes, writeCase } from "../cwl/cases.ts";
import { type Cost, measure } from "../cwl/measure.ts";
import { type Platform, until } from "../platform.ts";
import { difference, processorTime, type Used } from "../processor-time.ts";
import type { Waits } from "./waits.ts";

/** A scatter of so many `echo` jobs, the same for the platform and for programs that run it alone. */
export class Scatter {
  readonly #case;
  readonly #files: { document: string; inputs: string };
  readonly width: number;

  constructor(width: number, directory: string) {
    this.width = width;
    this.#case = echoes(width);
    this.#files = writeCase(directory, this.#case);
  }

  /** Adds the app to a new project, and answers the project's id. */
  async install({ call, url, headers }: Platform): Promise<string> {
    const { id } = await call("POST", "/projects", { name: "Scatter" });
    const type = { "content-type": "application/yaml" };
    const body = this.#case.document;
    const response = await fetch(`${url}/apps/${id}/scatter/raw`, { method: "POST", headers: { ...headers, ...type }, body });
    if (!response.ok) throw new Error(await response.text());
    return id;
  }

  /** From the call that runs the task to the answer that says COMPLETED, while others ask for something else. */
  async runTask(platform: Platform, project: string, waits: Waits): Promise<TaskCost> {
    const { call } = platform;
    const before = await processorTime(platform);
    await waits.slowest();
    const started = performance.now();
    const { id, errors } = await call("POST", "/tasks?action=run", {
      project,
      app: `${project}/scatter`,
      inputs: this.#case.inputs,
      execution_settings: { max_parallel_instances: 100 },
    });
    if (errors.length > 0) throw new Error(JSON.stringify(errors));
    const isOver = async () => {
      const { status, execution_status } = await call("GET", `/tasks/${id}?fields=status,execution_status`);
      if (status === "FAILED") throw new Error(execution_status.message);
      return status === "COMPLETED";
    };
    await until(600, "the end of the scatter", isOver, 100);
    const wallSeconds = (performance.now() - started) / 1000;
    return { wallSeconds, used: difference(before, await processorTime(platform)), slowestMs: await waits.slowest() };
  }

  /** The same document by a program of its own, without walls. */
  runAlone(command: readonly string[], directory: string): Cost {
    return measure(directory, [...command, "--quiet", "--no-container", this.#files.document, this.#files.inputs]);
  }
}

export interface TaskCost {
  wallSeconds: number;
  used: Used;
  /** The slowest answer to somebody else meanwhile. */
  slowestMs: number;
}
