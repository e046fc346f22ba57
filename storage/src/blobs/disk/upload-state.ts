import type { StoredBlob, StoredPart } from "../blob-store.ts";

/**
 * What happens to an upload on disk, one journal line each; their order in the journal is the order of the world.
 *
 * All parts share one file in which part n has the *slot* from (n - 1) × partSize on. Whoever claims a slot first writes
 * its part straight to its final place; any other body of that part goes to a file of its own (*aside*), so a part that
 * is stored is never written over. Sealing ends the claims: from then on the file belongs to whoever completes.
 */
export type UploadEvent =
  /** `instead` names the claim that is taken over: its process has ended before its part was stored. */
  | { is: "claimed"; part: number; writer: string; process: string; instead?: string }
  | { is: "released"; part: number; writer: string }
  | { is: "stored"; part: number; writer: string; size: number; sha256: string; place: "slot" | "aside" }
  | { is: "sealed"; process: string; instead?: string }
  /** The blob lies in `file`, whole and synced: all that is left is to give it its name. */
  | ({ is: "assembled" } & AssembledBlob);

export interface UploadState {
  slots: Map<number, Slot>;
  parts: Map<number, PlacedPart>;
  /** The process that may change the file of slots. */
  sealedBy?: string;
  assembled?: AssembledBlob;
  /** Writers whose file aside is no part any more. */
  superseded: string[];
}

/** `file` is a name in the upload's directory. */
export interface AssembledBlob extends StoredBlob {
  file: "bytes" | "assembled";
}

/** A slot that is not `written` is in somebody's hands, or was when they were killed. */
export interface Slot {
  writer: string;
  process: string;
  written: boolean;
}

export interface PlacedPart extends StoredPart {
  writer: string;
  sha256: string;
  place: "slot" | "aside";
}

export function emptyUpload(): UploadState {
  return { slots: new Map(), parts: new Map(), superseded: [] };
}

/** Moves `state` on by one event. An event that came too late, such as a claim to a slot already claimed, changes nothing. */
export function apply(state: UploadState, event: UploadEvent, etagOf: (sha256: string) => string): void {
  switch (event.is) {
    case "claimed": {
      const slot = state.slots.get(event.part);
      const isFree = !slot || (!slot.written && slot.writer === event.instead);
      if (isFree && !state.sealedBy)
        state.slots.set(event.part, { writer: event.writer, process: event.process, written: false });
      return;
    }
    case "released":
      if (state.slots.get(event.part)?.writer === event.writer) state.slots.delete(event.part);
      return;
    case "stored": {
      const slot = state.slots.get(event.part);
      if (event.place === "slot") {
        if (slot?.writer !== event.writer) return;
        slot.written = true;
      }
      const earlier = state.parts.get(event.part);
      if (earlier?.place === "aside") state.superseded.push(earlier.writer);
      const { part: number, writer, size, sha256, place } = event;
      // Sent after a completion that did not come to its end: the next one begins anew.
      state.assembled = undefined;
      state.parts.set(number, { number, writer, size, sha256, place, etag: etagOf(sha256) });
      return;
    }
    case "sealed":
      if (!state.sealedBy || state.sealedBy === event.instead) state.sealedBy = event.process;
      return;
    case "assembled":
      state.assembled = { file: event.file, size: event.size, sha256: event.sha256 };
      return;
  }
}
