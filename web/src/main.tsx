import { QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { queries } from "./api/queries.ts";
import { Screens } from "./layout/screens.tsx";
import { applyTheme } from "./layout/theme.ts";
import "./styles/base.css";
import "./styles/controls.css";
import "./styles/parts.css";
import "./styles/tables.css";
import "./styles/layout.css";
import "./styles/tasks.css";
import "./styles/files.css";

applyTheme();
createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Screens />
    </QueryClientProvider>
  </StrictMode>,
);
