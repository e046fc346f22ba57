import type { JobLine } from "@causeway/contract/client";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reasonOf, web } from "../../api/client.ts";
import { CopyButton } from "../../parts/copy-button.tsx";
import { Dialog } from "../../parts/dialog.tsx";
import { ErrorNote } from "../../parts/error-note.tsx";
import { Loading } from "../../parts/loading.tsx";
import { StatusBadge } from "../../parts/status-badge.tsx";
import { bytesInWords, durationInWords } from "../../parts/words.ts";
import { adviceFor } from "../advice.ts";
import { LogView } from "./log-view.tsx";

/** One job: its command, what it asked for and used, and its logs, which grow while it runs. */
export function JobPanel({ task, job, onClose }: { task: string; job: JobLine; onClose: () => void }) {
  const { data, error } = useQuery({
    // Asked again whenever the job moved or its logs grew.
    queryKey: ["job", task, job.name, job.status, job.log_bytes],
    queryFn: () => web.getTaskJob({ task, job: job.name }),
    placeholderData: (before) => before,
  });
  const [shown, setShown] = useState<string>();
  const logs = data?.logs ?? [];
  const log = logs.find(({ name }) => name === shown) ?? logs.find(({ name }) => name === "job.err.log") ?? logs[0];
  const advice = job.status === "FAILED" ? adviceFor(job) : undefined;
  return (
    <Dialog title={job.name} onClose={onClose} wide>
      <p>
        <StatusBadge status={job.status} /> {job.waiting ?? job.failure}
        {job.reused && "Results of an earlier job were taken; nothing ran."}
        {job.exit_code !== null && <span className="chip">exit code {job.exit_code}</span>}
      </p>
      {advice !== undefined && (
        <p className="note">
          <strong>What to try:</strong> {advice}
        </p>
      )}
      {error && <ErrorNote>{reasonOf(error)}</ErrorNote>}
      {!data && !error && <Loading />}
      {data && (
        <>
          <table className="plain">
            <caption className="hidden">What the job was given and used</caption>
            <thead>
              <tr>
                <td />
                <th scope="col">Given</th>
                <th scope="col">Used</th>
              </tr>
            </thead>
            <tbody>
              <tr>
                <th scope="row">Cores</th>
                <td>{data.cores}</td>
                <td>{job.cpu_seconds === null ? "-" : `${durationInWords(job.cpu_seconds * 1000)} of processor time`}</td>
              </tr>
              <tr>
                <th scope="row">Memory</th>
                <td>{bytesInWords(data.memory_mib * 2 ** 20)}</td>
                <td>{bytesInWords(job.peak_memory_bytes)}</td>
              </tr>
              <tr>
                <th scope="row">Disk</th>
                <td>{bytesInWords(data.disk_mib * 2 ** 20)}</td>
                <td>-</td>
              </tr>
              <tr>
                <th scope="row">Time</th>
                <td>{data.time_limit_seconds === null ? "no limit" : durationInWords(data.time_limit_seconds * 1000)}</td>
                <td>{job.started && job.ended ? durationInWords(Date.parse(job.ended) - Date.parse(job.started)) : "-"}</td>
              </tr>
            </tbody>
          </table>
          <p className="muted">
            {data.image === null ? "Without an image" : `In the image ${data.image}`}
            {data.network ? ", with the network" : ""}
            {job.instance ? `, on ${job.instance.type}` : ""}
          </p>
          <figure className="snippet">
            <figcaption>
              Command line <CopyButton text={data.command_line} what="the command line" />
            </figcaption>
            <pre>{data.command_line}</pre>
          </figure>
          {log && (
            <>
              <label>
                Log{" "}
                <select value={log.name} onChange={(event) => setShown(event.target.value)}>
                  {logs.map(({ name, size }) => (
                    <option key={name} value={name}>
                      {name} ({bytesInWords(size)})
                    </option>
                  ))}
                </select>
              </label>
              <LogView file={log.file} name={log.name} size={log.size} />
            </>
          )}
          {!log && <p className="muted">It has no logs yet.</p>}
        </>
      )}
    </Dialog>
  );
}
