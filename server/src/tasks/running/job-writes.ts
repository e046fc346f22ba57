import { type Job, type JobUsage, type Outputs, shellLine } from "@causeway/cwl";
import { sql } from "kysely";
import type { Database } from "../../db/database.ts";
import { gathering } from "../../db/gathering.ts";
import { keptText } from "../../db/kept-text.ts";
import { PREPARED } from "../../db/prepared-plans.ts";
import type { PackedLogs } from "../files/packed-logs.ts";

/** A job by its row's key. */
export interface JobKey {
  task: string;
  name: string;
}

/** Where a job is: on an instance, or waiting for one, with the reason in words. */
export type JobInstance = { instance: string } | { waiting: string };

export interface JobEnd {
  status: "COMPLETED" | "FAILED" | "ABORTED";
  exitCode?: number;
  usage?: JobUsage;
  outputs?: Outputs;
  failure?: string;
  /** Of the image it ran in, if it is known and there was one. */
  imageDigest?: string | null;
  /** File id by the log's name, without those that are packed. */
  logs: { readonly [name: string]: string };
  packed: PackedLogs | undefined;
}

/** What is said of a job that has not ended; what comes later goes over what was said before. */
export interface JobProgressNote {
  instance?: string;
  waiting?: string | null;
  /** It runs since then: ISO 8601. */
  since?: string;
  imageDigest?: string | null;
}

/** Between two writes of what nobody waits for, in milliseconds. */
const GATHERED_MS = 100;

/**
 * Writes what becomes of jobs to their rows: what comes in while one write is under way, or within a tenth of a second
 * where nobody waits for it, is written by one statement, for all tasks of this process. What was said earlier is never
 * written later: a job that is recorded finds the ends of those that it followed recorded with it.
 *
 * The write does not wait for the disk. After a loss of power, or a crash of the database, the last half second of it may be
 * gone: a job whose row is gone is found at the executor, and one whose end is gone is collected once more. So whatever must
 * not happen before that (to store what the job left, to let go of it) waits for the promise of `end`, which does wait for
 * the disk.
 */
export class JobWrites {
  readonly #db: Database;
  #pending = new Batch();
  #writing: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Resolves when all that was written before is on the disk. */
  readonly #flushDisk: (item: undefined) => Promise<void>;

  constructor(db: Database) {
    this.#db = db;
    this.#flushDisk = gathering(async (waiting) => {
      // The commit of a transaction that has written something waits for the disk, and for all before it.
      await sql`
        select pg_logical_emit_message(true, 'causeway', ''), set_config('synchronous_commit', 'on', true)`.execute(db);
      return waiting.map(() => undefined);
    });
  }

  /** Records a job before it is handed over; a job of that name that is there already stays as it is. */
  async insert(key: JobKey, job: Job, instance: JobInstance): Promise<void> {
    const row = { executor: job.id, job, command: shellLine(job.argv), ...instance };
    const written = this.#pending.insert(key, row);
    this.#start();
    await written;
  }

  /** Says where a job stands. Nobody waits for that, and what cannot be written is said again by what comes next. */
  note(key: JobKey, note: JobProgressNote): void {
    this.#pending.note(key, note);
    this.#startSoon();
  }

  /**
   * Records how a job ended, once: the first end stands. It is written within a tenth of a second; what is inserted or
   * flushed meanwhile takes it along. Resolves when it is on the disk, too.
   */
  async end(key: JobKey, { usage, outputs, failure, logs, packed, ...end }: JobEnd): Promise<void> {
    const { startedAt, endedAt, ...figures } = usage ?? {};
    const row = {
      ...end,
      usage: usage && figures,
      outputs,
      failure: failure === undefined ? undefined : keptText(failure),
      logs: { ...logs, ...packed?.ids },
      logId: packed?.id,
      logBytes: packed?.bytes.toString("base64"),
      startedAt,
      endedAt,
    };
    const written = this.#pending.end(key, row);
    this.#startSoon();
    await written;
    await this.#flushDisk(undefined);
  }

  /** Writes all that has been said so far. @throws what the database says of any of it */
  async flush(): Promise<void> {
    const written = this.#pending.whole();
    this.#start();
    await written;
  }

  /** Writes what is left, if that can be. */
  async close(): Promise<void> {
    await this.flush().catch(() => {});
  }

  #startSoon(): void {
    this.#timer ??= setTimeout(() => this.#start(), GATHERED_MS);
  }

  #start(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = undefined;
      if (this.#pending.isWaitedFor) this.#start();
      else if (!this.#pending.isEmpty) this.#startSoon();
    });
  }

  async #writeAll(): Promise<void> {
    // Whatever is said in this turn of the loop comes along.
    await Promise.resolve();
    const batch = this.#pending;
    this.#pending = new Batch();
    if (!batch.isEmpty) {
      try {
        await this.#write(batch.rows());
      } catch (error) {
        await this.#writeApart(batch, error);
      }
    }
    batch.settle();
  }

  /** One by one, so that each job hears of its own fault alone. */
  async #writeApart(batch: Batch, error: unknown): Promise<void> {
    if (batch.size === 1) return batch.failAll(error);
    for (const item of batch.items()) await this.#write(item.rows).then(undefined, item.fail);
  }

  async #write({ made, noted, ended }: Rows): Promise<void> {
    const [given, notes, ends] = [made, noted, ended].map((rows) => JSON.stringify(rows));
    await sql`
      with made as (
        insert into jobs (task_id, name, executor_id, job, command_line, instance_id, waiting)
        select task, name, executor, job, command, instance, waiting from json_to_recordset(${given}::json)
          as given (task uuid, name text, executor text, job json, command text, instance text, waiting text)
        on conflict do nothing
      ), noted as (
        update jobs set instance_id = coalesce(given.instance, jobs.instance_id), waiting = given.waiting,
          status = case when given.since is null then jobs.status else 'RUNNING' end,
          started_at = coalesce(given.since, jobs.started_at), image_digest = coalesce(given."imageDigest", jobs.image_digest)
        from json_to_recordset(${notes}::json)
          as given (task uuid, name text, instance text, waiting text, since timestamptz, "imageDigest" text)
        where jobs.task_id = given.task and jobs.name = given.name and jobs.status in ('QUEUED', 'RUNNING')
      ), ended as (
        update jobs set status = given.status, exit_code = given."exitCode", usage = given.usage, outputs = given.outputs,
          failure = given.failure, image_digest = coalesce(given."imageDigest", jobs.image_digest), logs = given.logs,
          log_id = given."logId", log_bytes = decode(given."logBytes", 'base64'), waiting = null,
          instance_id = coalesce(given.instance, jobs.instance_id),
          started_at = coalesce(given."startedAt", jobs.started_at), ended_at = coalesce(given."endedAt", now())
        from json_to_recordset(${ends}::json)
          as given (task uuid, name text, status text, "exitCode" integer, usage jsonb, outputs json, failure text,
            "imageDigest" text, logs jsonb, "logId" text, "logBytes" text, instance text, "startedAt" timestamptz,
            "endedAt" timestamptz)
        where jobs.task_id = given.task and jobs.name = given.name and jobs.status in ('QUEUED', 'RUNNING')
      )
      select set_config('synchronous_commit', 'off', true) ${PREPARED}`.execute(this.#db);
  }
}

interface Rows {
  made: object[];
  noted: object[];
  ended: object[];
}

interface Waiter {
  resolve(): void;
  reject(error: unknown): void;
}

interface Item {
  kind: "made" | "ended";
  row: object;
  waiter: Waiter;
}

/** The columns of a job's end that a note says as well. */
interface EndRow {
  startedAt?: string | undefined;
  imageDigest?: string | null | undefined;
}

/** What is written at once. Of one job it has at most one row of each kind, and no note beside its end. */
class Batch {
  readonly #items: Item[] = [];
  readonly #notes = new Map<string, JobKey & JobProgressNote>();
  readonly #ended = new Set<string>();
  readonly #whole: Waiter[] = [];
  #failure: { error: unknown } | undefined;
  #isInsertion = false;

  insert(key: JobKey, row: object): Promise<void> {
    this.#isInsertion = true;
    return this.#add("made", { ...row, ...key });
  }

  /** What has been noted of the job and is not written yet goes with its end. */
  end(key: JobKey, row: EndRow): Promise<void> {
    const { instance, since, imageDigest } = this.#notes.get(nameOf(key)) ?? {};
    this.#notes.delete(nameOf(key));
    this.#ended.add(nameOf(key));
    const noted = { instance, startedAt: row.startedAt ?? since, imageDigest: row.imageDigest ?? imageDigest };
    return this.#add("ended", { ...row, ...noted, ...key });
  }

  note(key: JobKey, note: JobProgressNote): void {
    if (this.#ended.has(nameOf(key))) return;
    this.#notes.set(nameOf(key), { ...this.#notes.get(nameOf(key)), waiting: null, ...note, ...key });
  }

  #add(kind: Item["kind"], row: object): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#items.push({ kind, row, waiter: { resolve, reject } });
    return promise;
  }

  /** Resolves when all of the batch is written; rejects with the first fault. */
  whole(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#whole.push({ resolve, reject });
    return promise;
  }

  /** Whether somebody does nothing until it is written. */
  get isWaitedFor(): boolean {
    return this.#isInsertion || this.#whole.length > 0;
  }

  get size(): number {
    return this.#items.length + this.#notes.size;
  }

  get isEmpty(): boolean {
    return this.size === 0;
  }

  rows(): Rows {
    const of = (kind: Item["kind"]) => this.#items.filter((item) => item.kind === kind).map(({ row }) => row);
    return { made: of("made"), noted: [...this.#notes.values()], ended: of("ended") };
  }

  /** Each by itself, with what tells of its failure. That of a note is nobody's. */
  *items(): Generator<{ rows: Rows; fail: (error: unknown) => void }> {
    const none: Rows = { made: [], noted: [], ended: [] };
    for (const { kind, row, waiter } of this.#items)
      yield { rows: { ...none, [kind]: [row] }, fail: (error) => this.#fail(waiter, error) };
    for (const note of this.#notes.values()) yield { rows: { ...none, noted: [note] }, fail: () => {} };
  }

  failAll(error: unknown): void {
    for (const { waiter } of this.#items) this.#fail(waiter, error);
  }

  /** Everything that has not failed is written. */
  settle(): void {
    for (const { waiter } of this.#items) waiter.resolve();
    for (const { resolve, reject } of this.#whole) {
      if (this.#failure) reject(this.#failure.error);
      else resolve();
    }
  }

  #fail(waiter: Waiter, error: unknown): void {
    this.#failure ??= { error };
    waiter.reject(error);
  }
}

const nameOf = ({ task, name }: JobKey): string => `${task} ${name}`;
