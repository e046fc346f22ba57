import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, realpathSync, symlinkSync } from "node:fs";
import { dirname, join } from "node:path";

/**
 * A root directory of some 10 MB with a few of this host's programs and the libraries they need, packed as `root.tar`
 * for dockerImport: an image without a registry. Returns the path of the archive.
 */
export function packSmallRoot(directory: string): string {
  const root = join(directory, "root");
  for (const name of ["usr/bin", "tmp", "proc", "sys", "dev", "etc", "out"]) mkdirSync(join(root, name), { recursive: true });
  for (const name of ["bin", "lib", "lib64"]) {
    mkdirSync(join(root, "usr", name), { recursive: true });
    symlinkSync(`usr/${name}`, join(root, name));
  }
  for (const program of PROGRAMS) copy(`/usr/bin/${program}`, root);
  const libraries = execFileSync(
    "ldd",
    PROGRAMS.map((program) => `/usr/bin/${program}`),
    { encoding: "utf8" },
  );
  for (const library of new Set(libraries.match(/\/\S+\.so\S*/g))) copy(library, root);
  const archive = join(directory, "root.tar");
  execFileSync("tar", ["-C", root, "-cf", archive, "."]);
  return archive;
}

const PROGRAMS = [
  "sh",
  "bash",
  "cat",
  "dd",
  "echo",
  "env",
  "grep",
  "id",
  "ls",
  "mkdir",
  "pwd",
  "setsid",
  "sleep",
  "touch",
  "true",
];

function copy(path: string, root: string): void {
  const target = join(root, path);
  mkdirSync(dirname(target), { recursive: true });
  cpSync(realpathSync(path), target);
}
