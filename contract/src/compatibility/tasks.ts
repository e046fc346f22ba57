import type { Comparisons } from "./comparison.ts";

/** tasks.md. */
export const TASKS: Comparisons<"tasks"> = {
  listTasks: {
    chosen: [
      "Newest first; with `order_by` and no `order` ascending. Tasks without the time that is asked for do not match, and are last.",
      "Children of a batch are listed only with `parent`. `status` may be `CREATING`, too. `origin_id` finds nothing: there are no automations.",
    ],
  },
  listProjectTasks: { differs: ["Answered directly; the vendor's documentation speaks of a redirect."] },
  createTask: {
    differs: [
      "Outputs to volumes are an error of the draft.",
      "An instance is a size and a price out of the operators' list, which begins with the types that published apps name, for nothing. The jobs of a task are packed into its instances, and run on this platform's machine. A type that the list lacks is an error of the draft (`EXECUTION_SETTINGS`), and is passed over in an app's hint.",
      "`use_interruptible_instances` decides the price alone, `use_elastic_disk` is kept and shown.",
      "An `id` in the body that a task has is 409/7003. The platform gives ids; no source says what raises that code.",
    ],
    chosen: [
      "`errors` and `warnings` have `code`, `input` and `message`.",
      "It takes the permission to execute. Inputs are files of the same project or of public ones; others are an error of the draft.",
      "A file may be given by its id alone; an integral float is an integer, a single value of a list a list of one. Inputs that the app does not have are dropped with a warning.",
      "Companions that the app asks for are looked for by name in the folder of their file.",
      "Without `action=run` a draft is kept however incomplete it is. With it, a draft with errors stays a draft, and says so.",
      "A batch: `batch_input` with `batch_by`, or `batch: true` for the app's own. `?batch=false` is refused (7021) only where there was a batch to disable.",
      "A project without a billing group in force runs nothing: 403/4001, and what was to be made and run stays as a draft.",
      "The name of a task without one is the app's, ` run - `, and the time in UTC.",
    ],
  },
  getTask: {
    differs: [
      "`origin_id` is never there; `output_location` only when it was given.",
      "`price` comes from this platform's price list, and is 0 until operators set prices. `data_transfer` is left out.",
      "`system_limit` says that a task waits for free cores or memory, and `message` for what; `instance_init` and `account_limit` are always false.",
    ],
    chosen: [
      "`message_code` is one of `task_draft`, `task_queued`, `task_running`, `task_completed`, `task_failed`, `task_aborted`, `task_aborting`, `batch_initializing`. Durations are milliseconds.",
      "`executed_by` and `start_time` are null until a task runs; `price` is null for a draft, the cost so far afterwards, and that of its children for a batch.",
      "A file that was deleted since keeps its id and name among the values.",
      "Children are named `{batch} - {group}`. A batch failed when a child failed, else it was aborted when a child was.",
    ],
  },
  updateTask: {
    differs: [
      "`status` is taken: `ABORTED` aborts a running task, 403/7008 if it does not run, 400/7009 for any other change of a task that waits or has ended. No source says what raises these two codes.",
    ],
    chosen: [
      "Running and completed tasks can be renamed, any other change is 403/7007. `null` for `name` and `description` changes nothing.",
      "Inputs are merged, records key by key. Another `app` or `project` is 400/90000.",
    ],
  },
  deleteTask: { chosen: ["Drafts alone (403/7007)."] },
  getTaskInputs: {},
  updateTaskInputs: { chosen: ["An empty body is 400/7012."] },
  runTask: {
    chosen: ["`batch=false` on a task that is no batch is 400/7022. Of two who run a draft at once one gets 400/7010."],
  },
  abortTask: {
    chosen: ["Nothing of an aborted task becomes a file but its logs; the time used is charged. A batch aborts its children."],
  },
  cloneTask: { chosen: ["From any state; a child's clone is a plain task. Files that are gone are errors of the new draft."] },
  actOnTask: {
    added:
      "It only refuses what is no action, 400/7013, or none, 400/7014. The vendor's table has the codes and no call for them.",
  },
  getExecutionDetails: {
    differs: [
      "`instance` is the size and price that the job was counted on, not a cloud's machine; null for a job whose result was taken over from an earlier one (`use_memoization`), whose log `job.reuse.log` says why.",
    ],
    chosen: [
      "Jobs by their start, named by their step: `align`, `align_1` when scattered, `outer.inner` below a sub-workflow. `status` is `QUEUED`, `RUNNING`, `COMPLETED`, `FAILED` or `ABORTED`.",
      "A batch has no jobs of its own. The addresses of logs are those of files, which the project's members may read.",
    ],
  },
};
