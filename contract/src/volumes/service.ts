import { Type } from "typebox";
import { Answer, MapOf, OneOf } from "../forms.ts";

export const VOLUME_TYPES = ["S3", "GCS", "AZURE", "OSS", "LOCAL"] as const;

const nullAbsent = { "x-null-absent": true } as const;

const text = (description: string, maxLength = 2048) => Type.Optional(Type.String({ description, maxLength, ...nullAbsent }));
/** What is never shown again. */
const credential = (description: string) => text(description, 16_384);

const given = {
  bucket: text("The bucket (S3, GCS, OSS), or the name of a directory that an operator has declared (LOCAL)."),
  storage_account: text("Of Azure: the storage account."),
  container: text("Of Azure: the container."),
  prefix: text("Put before every location, with a slash between."),
  endpoint: text("`host[:port]` or a URL of the service; by default the vendor's own. OSS has none by default."),
  root_url: text("Of GCS: the URL of the service, by default Google's."),
  credentials: Type.Optional(
    Type.Object(
      {
        access_key_id: credential("Of S3 and OSS: the id of a key pair."),
        secret_access_key: credential("Of S3 and OSS: the secret of the key pair."),
        role_arn: credential("Of S3, in place of a key pair: a role that the platform assumes."),
        external_id: credential("Of S3, with a role: what its trust policy asks for."),
        client_email: credential("Of GCS: the service account."),
        private_key: credential("Of GCS: its private key, PEM."),
        configuration: credential("Of GCS, in place of a service account: the JSON text of an identity federation."),
        tenant_id: credential("Of Azure: the tenant."),
        client_id: credential("Of Azure: the application."),
        client_secret: credential("Of Azure: its secret."),
      },
      { description: "What is needed depends on the type; secrets are stored encrypted and never shown.", ...nullAbsent },
    ),
  ),
  properties: Type.Optional(
    MapOf(Type.Unknown(), {
      description:
        "Defaults for exports (`sse_algorithm`, `sse_aws_kms_key_id`, `aws_canned_acl`, `aws_storage_class`; null switches one off), and how the service is reached (`region`, `path_style`, `list_version`, `public_endpoint`, `ca_bundle_pem`, `symlinks`). Other keys are kept.",
      ...nullAbsent,
    }),
  ),
};

/** Where a volume's objects are, and who may reach them there (volumes.md §1.3). */
export const VolumeServiceGiven = Type.Object(
  { type: OneOf(VOLUME_TYPES, "What kind of service it is; any case is taken."), ...given },
  { description: "Where the objects are." },
);

/** What is given of it changes, at any depth (§2.4). */
export const VolumeServiceChange = Type.Object(
  { type: Type.Optional(OneOf(VOLUME_TYPES, "It cannot change.", nullAbsent)), ...given },
  { description: "What is given of it changes, at any depth.", ...nullAbsent },
);

/** What is shown of a service: nothing of it is secret. */
export const VolumeServiceShown = Answer({
  type: OneOf(VOLUME_TYPES, "What kind of service it is."),
  bucket: Type.String({ description: "The bucket; the container, of Azure; the declared directory, of LOCAL." }),
  storage_account: Type.Optional(Type.String({ description: "Of Azure." })),
  container: Type.Optional(Type.String({ description: "Of Azure: the same as `bucket`." })),
  prefix: Type.String({ description: 'Put before every location; `""`: nothing.' }),
  endpoint: Type.Optional(Type.String({ description: "Of S3, Azure and OSS." })),
  root_url: Type.Optional(Type.String({ description: "Of GCS." })),
  credentials: Answer(
    {
      access_key_id: Type.Optional(Type.String({ description: "Of S3 and OSS: the id of the key pair." })),
      role_arn: Type.Optional(Type.String({ description: "Of S3: the role." })),
      external_id: Type.Optional(Type.String({ description: "Of S3, with a role." })),
      client_email: Type.Optional(Type.String({ description: "Of GCS: the service account." })),
      tenant_id: Type.Optional(Type.String({ description: "Of Azure: the tenant." })),
      client_id: Type.Optional(Type.String({ description: "Of Azure: the application." })),
    },
    { description: "What of the credentials is not secret, for who administers the volume; `{}` for others." },
  ),
  properties: MapOf(Type.Unknown(), { description: "As given." }),
});
