import type { Comparisons } from "./comparison.ts";

/** volumes.md. */
export const VOLUMES: Comparisons<"volumes"> = {
  listVolumes: { chosen: ["The caller's own and those that they may read as a member, by their ids, inactive ones too."] },
  createVolume: {
    differs: [
      "Only services on the operators' list can be connected to (`CAUSEWAY_VOLUME_ENDPOINTS`; else 400/9017), and metadata services of clouds never. `endpoint` may have a scheme and a port.",
      "There is a type `local`: a directory that an operator has declared (`CAUSEWAY_VOLUME_ROOTS`), by its name in `bucket`.",
      "`service.properties` also says how a service is reached: `endpoint`, `region`, `path_style`, `list_version`, `public_endpoint`, `ca_bundle_pem`, `token_url`, `authority`. What of it does not fit is 400/9019.",
      "Encryption is `AES256` by default on AWS alone. Access lists are looked at on AWS alone, unless `aws_canned_acl` is set (9207).",
      "IAM roles are refused (400/9034) unless operators gave the platform an identity. Federation with Google is always refused (403/9040). 9208 does not occur: no bucket of the platform's is read with a user's credentials.",
    ],
    chosen: [
      "Names are unique without regard to case; misplaced underscores are 400/9030. `access_mode` is `RW` unless given.",
      "Whoever has an account in a division makes its volumes; division administrators administer them.",
      "A configuration of Google's that cannot be read is 400/9029: 9028 stays what the published table says.",
      "Volumes of Azure and OSS are read-only (9039, 9038) unless operators say otherwise (`CAUSEWAY_VOLUME_READ_ONLY_TYPES`).",
      "For writing, an object is put and removed (`CAUSEWAY_VOLUME_WRITE_PROBE`).",
    ],
  },
  getVolume: { chosen: ["It takes the permission `read`; `credentials` is `{}` for who does not administer the volume."] },
  updateVolume: {
    chosen: [
      "Changes of `service`, from `RO` to `RW` and activation are probed as a new volume is, and leave it untouched when refused. `service` is merged at any depth; a key of the other kind of credentials drops those of the first.",
      "`name` cannot change (400/9011), nor the type (400/9017).",
      "Deactivation is 409/90007 while imports or exports run, without `force=true`, which ends them with 9069.",
    ],
  },
  deleteVolume: { chosen: ["204. While it is active, or files lie on it, it is 409/90007."] },
  listVolumeObjects: {
    chosen: [
      "A token stands for its folder, too, and has letters, digits, `-` and `_` alone. A malformed one is 400/57000, one of another volume 400/57001.",
      "`limit` counts objects and folders together. Objects whose key ends in a slash are not shown, nor keys with control characters or a segment `.` or `..`.",
      "A service that refuses is 403/9001, a bucket that is gone 404/9200, one that does not answer 503/9000.",
    ],
  },
  getVolumeObject: { chosen: ["No object is 404/9105; a location that ends in a slash 400/9072."] },
  listVolumeMembers: { chosen: ["It takes the permission `read`."] },
  addVolumeMember: {
    chosen: ["Who is not there is 400/9012, who is a member already 409/90007. Permissions that are not given are false."],
  },
  getVolumeMember: { chosen: ["Who is no member is 404/90003."] },
  removeVolumeMember: { chosen: ["204. Whoever made the volume stays (403/9020)."] },
  changeVolumePermissions: { chosen: ["Whoever made the volume keeps all of them (403/9020)."] },
  replaceVolumePermissions: { chosen: ["Permissions that are not given become false."] },
  startImport: {
    differs: [
      "A folder may have `CAUSEWAY_IMPORT_OBJECTS` objects, and as many folders (400/9011 in the job).",
      "Names are those of files and folders here; what of a key can be no name becomes the nearest that can.",
    ],
    chosen: [
      "Whether there is an object is seen in the job. A job that the service refuses credentials is 400/90011, one that cannot reach it 503/9100.",
      "What of the destination may not be read is as if it were not there (400/9012, 404/9009).",
      "`overwrite` comes before `autorename`. A folder merges into one of its name, all or nothing; two objects of one import that get the same name are 409/9108 without `autorename`.",
    ],
  },
  listImports: { chosen: ["`started_from` and `started_to` filter, too; a time that is none is 400/9021."] },
  getImport: { chosen: ["The result is left out when the caller cannot read it any more."] },
  startImports: { chosen: ["An entry has either `resource` or `error`."] },
  getImports: {},
  startExport: {
    chosen: [
      "It takes the right to copy, and without `copy_only` to write in the file's project.",
      "Files of public projects, and files that share their bytes with one, are 403/9006.",
      "9027 and 9028 are operators' rules: files go to these types of volumes alone (`CAUSEWAY_EXPORT_TYPES`), to these hosts alone (`CAUSEWAY_EXPORT_HOSTS`).",
      "The file keeps its id. Size and checksum are verified before it becomes an alias; a killed platform goes on where it was.",
    ],
  },
  listExports: { chosen: ["`started_from` and `started_to` filter, too; a time that is none is 400/9021."] },
  getExport: { chosen: ["The result is left out when the caller cannot read it any more."] },
  startExports: { chosen: ["An entry has either `resource` or `error`."] },
  getExports: {},
  startDrsImport: {
    differs: [
      "Objects are imported from services that operators name, with the operators' credentials (`CAUSEWAY_DRS_HOSTS`); others are 400/10246. There are no connected accounts.",
      "The bytes are copied into the platform's store and compared with the size and the checksums that the service tells: storage is `PLATFORM` and stays when the object is gone.",
    ],
    chosen: [
      "A value of a wrong type refuses the call; what is wrong with an item otherwise is told in `result`, and the others go on. Bytes that are not what the service told, and a service that cannot be reached or refuses the credentials, are 400/90011.",
      "When the name is taken: with `SKIP` the result is what is there, with `RENAME` the new name gets a prefix `_1_`; `OVERWRITE` replaces a file, never a folder. A file in the place of a folder is 409/10223, a folder in the place of a file 409/10224.",
      "A bundle becomes a folder, wholly or not at all. Names that no file can have are 400/10276, entries without an id 400/10277, more than `CAUSEWAY_DRS_BUNDLE_OBJECTS` entries 400/10278, a name twice 409/10372. Metadata and tags are those of every file in it.",
      "`CAUSEWAY_DRS_IMPORT_FILES` files in five minutes for a user; the rest goes on afterwards. More than `CAUSEWAY_DRS_IMPORTS` jobs under way are 429/10371.",
    ],
  },
  getDrsImport: { chosen: ["To others than who started it, it is not there (404/10211)."] },
};
