import { type Command, Option } from "commander";
import { examples, repeatable, withSession } from "../command.ts";
import { record, size, table } from "../output/output.ts";
import { volumeMemberCommands } from "./member-commands.ts";

const TYPES = ["s3", "gcs", "azure", "oss", "local"];

/** Users' own buckets, containers and directories. */
export function volumeCommands(program: Command): void {
  const volume = program.command("volume").description("volumes: your own buckets, containers and directories");
  volume
    .command("list")
    .description("list the volumes that you may read")
    .addHelpText("after", examples("volume list"))
    .action(
      withSession(async ({ client, output }) => {
        const found = await Array.fromAsync(client.all.listVolumes({ fields: "_all" }));
        output.show(found, () =>
          table(
            ["ID", "TYPE", "BUCKET", "MODE", "ACTIVE"],
            found.map(({ id, service, access_mode, active }) => [
              id,
              service?.type,
              [service?.bucket, service?.prefix].filter(Boolean).join("/"),
              access_mode,
              active ? "yes" : "no",
            ]),
            "No volumes yet: causeway volume create NAME --type s3 --bucket BUCKET",
          ),
        );
      }),
    );
  serviceOptions(
    volume
      .command("create <name>")
      .description("connect a bucket, a container or a directory; the platform tries it out first")
      .addOption(new Option("--type <type>", "what kind of service it is").choices(TYPES).makeOptionMandatory())
      .option("--read-only", "the platform never writes to it"),
  )
    .addHelpText(
      "after",
      `
Credentials: --credentials names a JSON file with the keys of docs/connect-your-storage.md (a Google service account's key file is one);
without it AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET.
${examples(
  "volume create neuro_raw --type s3 --bucket lab-neuro --read-only --credentials keys.json",
  "volume create minio --type s3 --bucket reads --endpoint http://minio.lab:9000",
  "volume create nas --type local --bucket lab_nas --prefix novaseq/2026 --read-only",
)}`,
    )
    .action(
      withSession(async ({ client, output }, name: string, { type, readOnly, description, ...options }) => {
        const { serviceFrom } = await import("./service-options.ts");
        const created = await client.createVolume({
          body: {
            name,
            access_mode: readOnly ? "RO" : "RW",
            service: { type: type.toUpperCase(), ...(await serviceFrom(options, type)) },
            ...(description === undefined ? {} : { description }),
          },
        });
        output.show(created, () => created.id);
      }),
    );
  volume
    .command("show <volume>")
    .description("show a volume; its secrets are never shown")
    .addHelpText("after", examples("volume show ana/neuro_raw"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { volumeNamed } = await import("./named.ts");
        const found = await client.getVolume(volumeNamed(id));
        const { service } = found;
        output.show(found, () =>
          record({
            id: found.id,
            description: found.description,
            type: service.type,
            bucket: service.bucket,
            prefix: service.prefix,
            endpoint: service.endpoint ?? service.root_url,
            "storage account": service.storage_account,
            credentials: Object.entries(service.credentials)
              .map(([key, value]) => `${key} ${value}`)
              .join(", "),
            properties: Object.entries(service.properties)
              .map(([key, value]) => `${key}=${value}`)
              .join(", "),
            mode: found.access_mode,
            active: found.active ? "yes" : "no",
            created: found.created_on,
            changed: found.modified_on,
          }),
        );
      }),
    );
  changeCommands(volume);
  volume
    .command("browse <volume> [folder]")
    .description("list what lies directly in a folder of a volume")
    .addHelpText("after", examples("volume browse ana/neuro_raw", "volume browse ana/neuro_raw run7/qc --json"))
    .action(
      withSession(async ({ client, output }, id: string, folder: string | undefined) => {
        const { browse } = await import("./browse.ts");
        const { folders, objects } = await browse(client, id, folder ?? "");
        output.show({ folders, objects }, () =>
          table(
            ["SIZE", "CHANGED", "LOCATION"],
            [
              ...folders.map((each) => ["", "", `${each}/`]),
              ...objects.map(({ location, metadata }) => [
                typeof metadata.size === "number" ? size(metadata.size) : "",
                metadata.last_modified ?? metadata.updated,
                location,
              ]),
            ],
            "Nothing is there.",
          ),
        );
      }),
    );
  volumeMemberCommands(volume);
}

function changeCommands(volume: Command): void {
  serviceOptions(
    volume
      .command("update <volume>")
      .description("change the given settings of a volume; the platform tries it out first")
      .option("--read-only", "the platform does not write to it from now on")
      .option("--read-write", "files can be exported to it"),
  )
    .addHelpText(
      "after",
      examples(
        "volume update ana/neuro_raw --credentials new-keys.json",
        "volume update ana/neuro_raw --prefix incoming/2026 --property region=eu-north-1",
      ),
    )
    .action(
      withSession(async ({ client, output }, id: string, { readOnly, readWrite, description, ...options }) => {
        const [{ serviceFrom }, { volumeNamed }] = await Promise.all([import("./service-options.ts"), import("./named.ts")]);
        const service = await serviceFrom(options);
        const changed = await client.updateVolume({
          ...volumeNamed(id),
          body: {
            ...(description === undefined ? {} : { description }),
            ...(readOnly ? { access_mode: "RO" } : readWrite ? { access_mode: "RW" } : {}),
            ...(Object.keys(service).length === 0 ? {} : { service }),
          },
        });
        output.show(changed, () => `${changed.id} is changed.`);
      }),
    );
  volume
    .command("deactivate <volume>")
    .description("make everything on a volume unreachable, until it is activated again")
    .option("--force", "also when imports and exports run on it: the platform ends them")
    .addHelpText("after", examples("volume deactivate ana/neuro_raw", "volume deactivate ana/neuro_raw --force"))
    .action(
      withSession(async ({ client, output }, id: string, { force }) => {
        const { volumeNamed } = await import("./named.ts");
        const changed = await client.updateVolume({
          ...volumeNamed(id),
          ...(force ? { force: true } : {}),
          body: { active: false },
        });
        output.show(changed, () => `${changed.id} is not active any more.`);
      }),
    );
  volume
    .command("activate <volume>")
    .description("make a volume usable again; the platform tries it out first")
    .addHelpText("after", examples("volume activate ana/neuro_raw"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { volumeNamed } = await import("./named.ts");
        const changed = await client.updateVolume({ ...volumeNamed(id), body: { active: true } });
        output.show(changed, () => `${changed.id} is active.`);
      }),
    );
  volume
    .command("delete <volume>")
    .description("forget a volume that is not active and that no file lies on; the bucket stays as it is")
    .addHelpText("after", examples("volume delete ana/neuro_raw"))
    .action(
      withSession(async ({ client, output }, id: string) => {
        const { volumeNamed } = await import("./named.ts");
        await client.deleteVolume(volumeNamed(id));
        output.show({ deleted: id }, () => `${id} is deleted.`);
      }),
    );
}

/** What `serviceFrom` reads. */
function serviceOptions(command: Command): Command {
  return command
    .option("--bucket <name>", "the bucket, the container, or the name of a declared directory")
    .option("--prefix <prefix>", "what comes before every location: a folder of the bucket or directory")
    .option("--endpoint <address>", "host[:port] or URL of the service (default: the vendor's)")
    .option("--storage-account <name>", "the storage account (Azure alone)")
    .option("--credentials <file>", "JSON file with the credentials; - is stdin")
    .option("--property <key=value>", "region, path_style, sse_algorithm, …; may be repeated", repeatable)
    .option("--description <text>", "free text");
}
