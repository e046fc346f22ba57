import type { Task } from "./use-task.ts";

/** How the task was told to run. */
export function TaskSettings({ task }: { task: Task }) {
  const { instance_type, max_parallel_instances, use_memoization, use_elastic_disk } = task.execution_settings ?? {};
  const rows: [string, string][] = [
    ["Instances", [instance_type ?? "the app's or the platform's choice"].flat().join(", ")],
    ["Instances at once", String(max_parallel_instances ?? 1)],
    ["Earlier results", inWords(use_memoization, "used where a job is the same", "not used")],
    ["Disks", inWords(use_elastic_disk, "grow when they fill up", "stay as they are")],
    ["Interruptible instances", task.use_interruptible_instances ? "yes" : "no"],
    ["Outputs go to", task.output_location?.main_location ?? "the top of the project"],
  ];
  if (task.batch_by)
    rows.push(["Batch", `one task for each ${task.batch_by.type === "ITEM" ? "file" : "group"} of ${task.batch_input}`]);
  return (
    <dl className="pairs">
      {rows.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

const inWords = (value: boolean | undefined, yes: string, no: string): string =>
  value === undefined ? "as the project says" : value ? yes : no;
