const WORDS: Readonly<Record<string, [word: string, kind: string, sign: string]>> = {
  DRAFT: ["Draft", "idle", "✎"],
  CREATING: ["Making tasks", "busy", "◔"],
  QUEUED: ["Waiting", "idle", "◷"],
  RUNNING: ["Running", "busy", "▶"],
  ABORTING: ["Aborting", "busy", "◼"],
  COMPLETED: ["Completed", "good", "✓"],
  FAILED: ["Failed", "bad", "✕"],
  ABORTED: ["Aborted", "idle", "◼"],
};

/** How a task or a job stands: in a word, a sign and a colour. */
export function StatusBadge({ status }: { status: string }) {
  const [word, kind, sign] = WORDS[status] ?? [status, "idle", "·"];
  return (
    <span className={`badge ${kind}`}>
      <span aria-hidden="true">{sign}</span> {word}
    </span>
  );
}
