import { generateKeyPairSync } from "node:crypto";
import { type S3Action, type SmallS3, startSmallS3 } from "../../volumes/testing/small-s3.ts";
import type { S3Refusal } from "../../volumes/testing/small-s3-answers.ts";
import { type Answer, createWorld, type World } from "../world.ts";
import type { ErrorCase, Scene } from "./error-case.ts";

let count = 0;
const name = () => `volume_${++count}`;
const KEYS = { access_key_id: "AKTESTS", secret_access_key: "secret-of-the-tests" };
const DIRECTORY = { type: "local", bucket: "share" };

const create = ({ world }: Scene, service: unknown, more: object = {}): Promise<Answer> =>
  world.post("ana", "/storage/volumes", { name: name(), service, ...more });

const s3 = (endpoint: string, more: object = {}) => ({ type: "S3", bucket: "lab", endpoint, credentials: KEYS, ...more });
/** Nothing listens there. */
const NOWHERE = "http://127.0.0.1:1";

/** Asks while a bucket is there with one object. */
async function withBucket(ask: (bucket: SmallS3) => Promise<Answer>): Promise<Answer> {
  const bucket = await startSmallS3({ "reads.txt": "bytes" });
  try {
    return await ask(bucket);
  } finally {
    await bucket.stop();
  }
}

/** A volume is made of a bucket that refuses something. */
const refused =
  (what: S3Action | "all", refusal: S3Refusal, service: object = {}): ErrorCase["raise"] =>
  (scene) =>
    withBucket((bucket) => {
      bucket.refusals = { [what]: refusal };
      return create(scene, s3(bucket.endpoint, service));
    });

/** A volume of Ana's in a directory. */
async function directory(scene: Scene, more: object = {}): Promise<string> {
  const { body } = await create(scene, DIRECTORY, more);
  return body.href;
}

/** Asks in a world with other rules. */
async function underRules(rules: Parameters<typeof createWorld>[0], ask: (scene: { world: World }) => Promise<Answer>) {
  const world = await createWorld(rules);
  try {
    return await ask({ world });
  } finally {
    await world.close();
  }
}

const azure = {
  type: "azure",
  storage_account: "labstorage",
  container: "lab",
  endpoint: "https://127.0.0.1:1",
  credentials: { tenant_id: "t", client_id: "c", client_secret: "s" },
};
const federation = JSON.stringify({
  type: "external_account",
  audience: "//iam.example/pool",
  subject_token_type: "urn:ietf:params:aws:token-type:aws4_request",
  token_url: "https://sts.example/token",
  credential_source: { environment_id: "aws1" },
});

const gcs = (root_url: string) => {
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const private_key = privateKey.export({ type: "pkcs8", format: "pem" });
  return {
    type: "GCS",
    bucket: "lab",
    root_url,
    credentials: { client_email: "lab@example.iam", private_key },
    properties: { token_url: `${root_url}/token` },
  };
};

/** What can be wrong with a volume and with what is on it (volumes.md §4). */
export const VOLUMES: readonly ErrorCase[] = [
  { code: 9000, when: "nothing answers at a volume's endpoint", raise: (scene) => create(scene, s3(NOWHERE)) },
  {
    code: 9001,
    when: "a directory is not open to the user",
    raise: () =>
      underRules({ volumeRoots: JSON.stringify({ theirs: { path: "/srv", mode: "RO", users: ["ben"] } }) }, ({ world }) =>
        world.post("ana", "/storage/volumes", { name: name(), service: { type: "local", bucket: "theirs" }, access_mode: "RO" }),
      ),
  },
  {
    code: 9002,
    when: "a volume for writing is made in a directory that is declared read-only",
    raise: () =>
      underRules({ volumeRoots: JSON.stringify({ archive: { path: "/srv", mode: "RO" } }) }, ({ world }) =>
        world.post("ana", "/storage/volumes", { name: name(), service: { type: "local", bucket: "archive" } }),
      ),
  },
  { code: 9007, when: "there is no such volume", raise: ({ world }) => world.get("ana", "/storage/volumes/ana/none") },
  {
    code: 9010,
    when: "the owner has a volume of that name",
    async raise(scene) {
      const { body } = await create(scene, DIRECTORY);
      return create(scene, DIRECTORY, { name: body.name });
    },
  },
  { code: 9011, when: "a volume is made of a list", raise: ({ world }) => world.post("ana", "/storage/volumes", []) },
  {
    code: 9012,
    when: "somebody who is not there becomes a member of a volume",
    raise: async (scene) =>
      scene.world.post("ana", `${await directory(scene)}/members`, { username: "nobody.there", permissions: {} }),
  },
  { code: 9013, when: "a volume has no name", raise: (scene) => create(scene, DIRECTORY, { name: "" }) },
  { code: 9014, when: "a volume's name has a hyphen", raise: (scene) => create(scene, DIRECTORY, { name: "a-b" }) },
  { code: 9015, when: "a volume's access mode is none", raise: (scene) => create(scene, DIRECTORY, { access_mode: "WO" }) },
  { code: 9016, when: "a volume has no service", raise: (scene) => create(scene, undefined) },
  { code: 9017, when: "a volume's service has no bucket", raise: (scene) => create(scene, { type: "S3" }) },
  {
    code: 9019,
    when: "a property of a volume's service is none of its values",
    raise: (scene) => create(scene, { ...DIRECTORY, properties: { symlinks: "all" } }),
  },
  {
    code: 9020,
    when: "a stranger looks at a volume",
    raise: async (scene) => scene.world.get("ben", await directory(scene)),
  },
  {
    code: 9022,
    when: "a canned access list is none of S3's",
    raise: (scene) => create(scene, s3(NOWHERE, { properties: { aws_canned_acl: "mine" } })),
  },
  {
    code: 9023,
    when: "an encryption is none of S3's",
    raise: (scene) => create(scene, s3(NOWHERE, { properties: { sse_algorithm: "rot13" } })),
  },
  {
    code: 9024,
    when: "a storage class is none that files are exported to",
    raise: (scene) => create(scene, s3(NOWHERE, { properties: { aws_storage_class: "COLD" } })),
  },
  {
    code: 9025,
    when: "a private key of Google's cannot be read",
    raise: (scene) => create(scene, { type: "GCS", bucket: "lab", credentials: { client_email: "a@b", private_key: "none" } }),
  },
  { code: 9029, when: "a Google volume has no credentials", raise: (scene) => create(scene, { type: "GCS", bucket: "lab" }) },
  {
    code: 9030,
    when: "a volume's name has two underscores in a row",
    raise: (scene) => create(scene, DIRECTORY, { name: "a__b" }),
  },
  {
    code: 9031,
    when: "an Azure volume has no secret",
    raise: (scene) => create(scene, { ...azure, credentials: { tenant_id: "t", client_id: "c" } }),
  },
  { code: 9034, when: "an S3 volume has no credentials", raise: (scene) => create(scene, { type: "S3", bucket: "lab" }) },
  {
    code: 9038,
    when: "an OSS volume is made for writing",
    raise: (scene) => create(scene, { ...s3("https://127.0.0.1:1"), type: "OSS" }),
  },
  { code: 9039, when: "an Azure volume is made for writing", raise: (scene) => create(scene, azure) },
  {
    code: 9040,
    when: "a Google volume is to be reached through an identity federation",
    raise: (scene) => create(scene, { type: "GCS", bucket: "lab", credentials: { configuration: federation } }),
  },
  {
    code: 9057,
    when: "operators allow Google volumes for reading alone",
    raise: () => underRules({ volumeReadOnlyTypes: "gcs" }, (scene) => create(scene as Scene, gcs(NOWHERE))),
  },
  {
    code: 9058,
    when: "operators allow S3 volumes for reading alone",
    raise: () => underRules({ volumeReadOnlyTypes: "s3" }, (scene) => create(scene as Scene, s3(NOWHERE))),
  },
  {
    code: 9069,
    when: "a volume that is not active is listed",
    async raise(scene) {
      const href = await directory(scene);
      await scene.world.patch("ana", href, { active: false });
      return scene.world.get("ana", `${href}/list`);
    },
  },
  {
    code: 9072,
    when: "an object's location ends in a slash",
    raise: async (scene) => scene.world.get("ana", `${await directory(scene)}/object?location=a/`),
  },
  {
    code: 9105,
    when: "there is no such object on a volume",
    raise: async (scene) => scene.world.get("ana", `${await directory(scene)}/object?location=none`),
  },
  { code: 9200, when: "a directory is not declared", raise: (scene) => create(scene, { ...DIRECTORY, bucket: "none" }) },
  { code: 9200, when: "the bucket does not exist", raise: refused("list", [404, "NoSuchBucket"]) },
  { code: 9201, when: "the service does not know the access key", raise: refused("all", [403, "InvalidAccessKeyId"]) },
  { code: 9202, when: "the secret is wrong", raise: refused("all", [403, "SignatureDoesNotMatch"]) },
  {
    code: 9203,
    when: "a role cannot be assumed",
    raise: () =>
      withBucket((sts) => {
        sts.refusals = { all: [403, "AccessDenied"] };
        const rules = { volumeRoleAccessKeyId: "AKPLATFORM", volumeRoleSecretAccessKey: "x", volumeStsEndpoint: sts.endpoint };
        const credentials = { role_arn: "arn:aws:iam::123456789012:role/lab", external_id: "lab" };
        return underRules(rules, (scene) => create(scene as Scene, { ...s3(sts.endpoint), credentials }));
      }),
  },
  { code: 9204, when: "the bucket may not be listed", raise: refused("list", [403, "AccessDenied"]) },
  { code: 9205, when: "objects may not be read", raise: refused("read", [403, "AccessDenied"]) },
  { code: 9206, when: "objects may not be written", raise: refused("write", [403, "AccessDenied"]) },
  {
    code: 9207,
    when: "access lists may not be read",
    raise: refused("readAcl", [403, "AccessDenied"], { properties: { aws_canned_acl: "private" } }),
  },
  {
    code: 9209,
    when: "operators allow writing at other endpoints alone",
    raise: () => underRules({ volumeWritableHosts: "minio.lab" }, (scene) => create(scene as Scene, s3(NOWHERE))),
  },
];
