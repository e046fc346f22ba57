import type { Task } from "../use-task.ts";
import type { useDraft } from "./use-draft.ts";

interface ExecutionFieldsProps {
  task: Task;
  onChange: ReturnType<typeof useDraft>["change"];
}

/** How the task is to run, in words. */
export function ExecutionFields({ task, onChange }: ExecutionFieldsProps) {
  const settings = task.execution_settings ?? {};
  const change = (part: Record<string, unknown>) => onChange({ execution_settings: { ...settings, ...part } });
  const typed = [settings.instance_type ?? ""].flat().join(", ");
  return (
    <details className="form-field">
      <summary className="label">How it runs</summary>
      <p>
        <label>
          <input
            type="checkbox"
            defaultChecked={settings.use_memoization ?? false}
            onChange={({ target }) => change({ use_memoization: target.checked })}
          />{" "}
          Take results of earlier jobs where they are the same
        </label>
      </p>
      <p>
        <label>
          Instance type{" "}
          <input
            defaultValue={typed}
            placeholder="the app's or the platform's choice"
            onChange={({ target }) => change({ instance_type: target.value.trim() === "" ? null : target.value.trim() })}
          />
        </label>
      </p>
      <p>
        <label>
          Instances at once{" "}
          <input
            type="number"
            min={1}
            defaultValue={String(settings.max_parallel_instances ?? 1)}
            onChange={({ target }) => change({ max_parallel_instances: Number(target.value) })}
          />
        </label>
      </p>
    </details>
  );
}
