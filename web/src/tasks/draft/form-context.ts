import { createContext, useContext } from "react";
import type { Project } from "../../projects/project.ts";
import type { Task } from "../use-task.ts";

interface FormParts {
  project: Project;
  problems: Task["errors"];
}

export const FormContext = createContext<FormParts | undefined>(undefined);

/** What every field of a form knows. */
export function useForm(): FormParts {
  const parts = useContext(FormContext);
  if (!parts) throw new Error("There is no form here.");
  return parts;
}
