/** A file on its way in, with the folders that it lies in below the place where it was dropped. */
export interface DroppedFile {
  file: File;
  folders: readonly string[];
}

/** The files of a drop, folders included, as they are found. */
export async function* filesOfDrop(transfer: DataTransfer): AsyncGenerator<DroppedFile> {
  // All are asked for before the first is waited for: a drop forgets them.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  for (const entry of entries) yield* filesOfEntry(entry, []);
}

async function* filesOfEntry(entry: FileSystemEntry, folders: readonly string[]): AsyncGenerator<DroppedFile> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject));
    yield { file, folders };
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const inner = [...folders, entry.name];
  for (;;) {
    // A hundred at a time, until there are none.
    const batch = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject));
    if (batch.length === 0) return;
    for (const child of batch) yield* filesOfEntry(child, inner);
  }
}

/** The files of an input element, where a folder's have their paths. */
export function* filesOfInput(files: FileList): Generator<DroppedFile> {
  for (const file of files) yield { file, folders: file.webkitRelativePath.split("/").slice(0, -1) };
}
