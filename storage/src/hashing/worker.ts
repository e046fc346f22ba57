import { createHash, type Hash } from "node:crypto";
import { ftruncateSync, readSync, writeSync } from "node:fs";
import { parentPort } from "node:worker_threads";
import type { Order, Outcome } from "./reading.ts";

/** Bytes of one file that are read before the next file gets its turn: some 5 ms. */
const PIECE = 4 * 1024 * 1024;

const buffer = Buffer.allocUnsafe(PIECE);
const zeros = Buffer.alloc(PIECE);
const files = new Map<number, { order: Order & { is: "read" }; hash: Hash; position: number }>();
const port = parentPort!;
let isTurning = false;

port.on("message", (order: Order) => {
  if (order.is === "stop") {
    if (files.delete(order.id)) answer({ id: order.id, is: "stopped" });
    return;
  }
  files.set(order.id, { order, hash: createHash(order.algorithm), position: 0 });
  if (!isTurning) turn();
});

/** A piece of every file under way, so that a small one does not wait for a large one; then what came in is heard. */
function turn(): void {
  for (const id of files.keys()) readPiece(id);
  isTurning = files.size > 0;
  if (isTurning) setImmediate(turn);
}

function readPiece(id: number): void {
  const file = files.get(id)!;
  const { from, to } = file.order;
  try {
    const bytes = readSync(from, buffer, 0, PIECE, file.position);
    const piece = buffer.subarray(0, bytes);
    file.hash.update(piece);
    if (to !== undefined && bytes > 0) writePiece(to, piece, file.position);
    file.position += bytes;
    if (bytes > 0) return;
    if (to !== undefined) ftruncateSync(to, file.position);
    files.delete(id);
    answer({ id, is: "done", size: file.position, digest: file.hash.digest("hex") });
  } catch (error) {
    files.delete(id);
    const { message, code, syscall } = error as NodeJS.ErrnoException;
    answer({ id, is: "failed", message, code, syscall });
  }
}

/** A copy has holes where the file has: what is all zeros is not written. */
function writePiece(to: number, piece: Buffer, position: number): void {
  if (piece.equals(zeros.subarray(0, piece.length))) return;
  for (let at = 0; at < piece.length; ) at += writeSync(to, piece, at, piece.length - at, position + at);
}

function answer(outcome: Outcome): void {
  port.postMessage(outcome);
}
