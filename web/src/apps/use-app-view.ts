import { useQuery } from "@tanstack/react-query";
import { web } from "../api/client.ts";
import { appParams } from "./app-id.ts";

/** What the app of that id (`owner/project/name/revision`) takes, gives and does. */
export const useAppView = (id: string) => useQuery({ queryKey: ["app-view", id], queryFn: () => web.getAppView(appParams(id)) });
