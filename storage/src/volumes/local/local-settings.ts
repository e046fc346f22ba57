/** A directory that an operator has declared (volumes.md §6.2). Linux alone. */
export interface LocalVolumeSettings {
  service: "local";
  root: LocalRoot;
  prefix?: string | undefined;
  /** `deny`: links are neither listed nor followed. `within_root`: they are, where they lead to what is beneath the root. */
  symlinks?: "deny" | "within_root" | undefined;
}

export interface LocalRoot {
  /** Absolute, without a link in it. */
  path: string;
  readOnly?: boolean | undefined;
  /** Who files and directories that are written belong to, which takes root's rights; by default whoever runs the platform. */
  owner?: { uid: number; gid: number } | undefined;
  /** Taken from 0666 of files and 0777 of directories: by default 0022. */
  umask?: number | undefined;
  /** A directory with more names cannot be listed: sorting takes all of them at once. By default 2,000,000. */
  maxNames?: number | undefined;
}
