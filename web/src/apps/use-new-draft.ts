import { useMutation } from "@tanstack/react-query";
import { useLocation } from "wouter";
import { api } from "../api/client.ts";

/** Makes the draft of a task of an app in a project, and opens its form. */
export function useNewDraft(project: string) {
  const [, go] = useLocation();
  return useMutation({
    mutationFn: (app: string) => api.createTask({ body: { project, app } }),
    onSuccess: ({ id }) => go(`/tasks/${id}`),
  });
}
