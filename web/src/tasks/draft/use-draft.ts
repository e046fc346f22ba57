import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, reasonOf } from "../../api/client.ts";
import type { Task } from "../use-task.ts";

type Change = NonNullable<Parameters<typeof api.updateTask>[0]["body"]>;

const SAVE_AFTER_MS = 400;

/** A draft whose values are kept as they are typed. What the platform says of them comes back with the task. */
export function useDraft(task: Task) {
  const cache = useQueryClient();
  const [values, setValues] = useState<Readonly<Record<string, unknown>>>(task.inputs);
  const [isSaved, setSaved] = useState(true);
  const [failure, setFailure] = useState<string>();
  const waiting = useRef<Change>({});
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const saving = useRef<Promise<void>>(Promise.resolve());

  const flush = useCallback((): Promise<void> => {
    clearTimeout(timer.current);
    const body = waiting.current;
    if (Object.keys(body).length === 0) return saving.current;
    waiting.current = {};
    saving.current = saving.current.then(async () => {
      try {
        cache.setQueryData(["task", task.id], await api.updateTask({ task: task.id, body }));
        setFailure(undefined);
        setSaved(Object.keys(waiting.current).length === 0);
      } catch (error) {
        // Nothing that was typed is lost: it is sent with the next change, or by pressing again.
        waiting.current = { ...body, ...waiting.current, inputs: { ...body.inputs, ...waiting.current.inputs } };
        setFailure(reasonOf(error));
      }
    });
    return saving.current;
  }, [cache, task.id]);

  const change = useCallback(
    (part: Change) => {
      const { inputs, ...others } = part;
      waiting.current = {
        ...waiting.current,
        ...others,
        ...(inputs ? { inputs: { ...waiting.current.inputs, ...inputs } } : {}),
      };
      setSaved(false);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void flush(), SAVE_AFTER_MS);
    },
    [flush],
  );
  useEffect(() => () => void flush(), [flush]);

  const run = useMutation({
    mutationFn: async () => {
      await flush();
      return api.runTask({ task: task.id });
    },
    onSuccess: (fresh) => cache.setQueryData(["task", task.id], fresh),
  });
  return {
    values,
    isSaved,
    failure,
    change,
    setInput: (id: string, value: unknown) => {
      setValues((known) => ({ ...known, [id]: value }));
      change({ inputs: { [id]: sendable(value) } });
    },
    run,
  };
}

/** Files and folders go as references; what else is known of them stays here. */
function sendable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sendable);
  if (typeof value !== "object" || value === null) return value;
  if ("class" in value && "path" in value) return { class: value.class, path: value.path };
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, sendable(inner)]));
}
