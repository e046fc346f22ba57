/** `auto` follows the system. */
export type Theme = "auto" | "light" | "dark";

const KEY = "causeway.theme";

export const chosenTheme = (): Theme => (localStorage.getItem(KEY) as Theme | null) ?? "auto";

export function applyTheme(theme: Theme = chosenTheme()): void {
  if (theme === "auto") {
    localStorage.removeItem(KEY);
    delete document.documentElement.dataset.theme;
  } else {
    localStorage.setItem(KEY, theme);
    document.documentElement.dataset.theme = theme;
  }
}
