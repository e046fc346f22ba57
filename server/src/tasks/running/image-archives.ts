import { createReadStream } from "node:fs";
import { type CommandLineTool, JobError } from "@causeway/cwl";
import { type ImageSources, ImageUnavailable, refuseLargeArchive } from "@causeway/executors";
import { parseObjectKey } from "../../aliases/object-key.ts";
import { SETTINGS } from "../../settings.ts";
import type { TaskFiles } from "../files/task-files.ts";
import { asPlatformFault } from "../platform-fault.ts";

type Docker = NonNullable<CommandLineTool["requirements"]["docker"]>;

/** What a tool asks for in the way of images, as this platform can give it. Throws `JobError` for what it does not. */
export type ImageArchives = (docker: Docker) => Promise<Docker>;

/**
 * Archives of images are files of the task's project, named in `dockerLoad` or `dockerImport` by their id
 * or their path in the project. No document makes the platform open a path of the host or a URL, or build.
 */
export function imageArchives(files: TaskFiles, projectId: string): ImageArchives {
  async function keyOf(field: "dockerLoad" | "dockerImport", named: string): Promise<string> {
    const file = await asPlatformFault(() => files.inProject(projectId, named));
    if (file?.type === "file") return file.bytesKey!;
    throw refused(
      `${field}: ${JSON.stringify(named)} is no file of the project. Upload the archive to the project and give its id or its path there, or push the image to a registry and name it in dockerPull`,
    );
  }
  return async (docker) => {
    if (docker.dockerPull !== undefined) return docker;
    if (docker.dockerLoad !== undefined) return { ...docker, dockerLoad: await keyOf("dockerLoad", docker.dockerLoad) };
    if (docker.dockerImport !== undefined) return { ...docker, dockerImport: await keyOf("dockerImport", docker.dockerImport) };
    if (docker.dockerFile !== undefined)
      throw refused(
        "dockerFile: images are not built here. Build it yourself; push it to a registry and name it in dockerPull, or upload what `docker save` writes to the project and name that in dockerLoad",
      );
    return docker;
  };
}

const refused = (message: string) => new JobError("command", "DockerRequirement", message);

/** What the archive of an image may unpack to. */
export interface ImageLimitSettings {
  gb: number;
  files: number;
}

/**
 * Opens archives by the keys of their blobs, which `imageArchives` has put in the place of what a document says. An engine
 * gets one only after it was read to its end and found to be within the limits.
 */
export function blobSources(files: TaskFiles, { gb, files: entries }: ImageLimitSettings): ImageSources {
  const advice = { bytes: SETTINGS.imageGb.variable, entries: SETTINGS.imageFiles.variable };
  return {
    trusted: false,
    async open(key, kind) {
      const path = await pathOf(key);
      await refuseLargeArchive(createReadStream(path), kind, { bytes: gb * 1e9, entries, advice });
      return createReadStream(path);
    },
  };

  async function pathOf(key: string): Promise<string> {
    if (parseObjectKey(key)) return (await files.objectOf(key)).path;
    const [known] = await files.stored([key]);
    if (!known) throw new ImageUnavailable("the archive of the image is gone");
    return files.pathOf(key);
  }
}
