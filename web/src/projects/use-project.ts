import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client.ts";
import { projectParams } from "./project.ts";

export const useProject = (id: string) =>
  useQuery({ queryKey: ["project", id], queryFn: () => api.getProject(projectParams(id)) });
