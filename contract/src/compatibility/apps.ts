import type { Comparisons } from "./comparison.ts";

/** apps.md. */
export const APPS: Comparisons<"apps"> = {
  listApps: {
    differs: [
      "The public gallery (`visibility=public`) is that of this platform: apps of projects that its operators made public. The vendor's public apps are not here.",
    ],
    chosen: [
      "Items have `href, id, project, name, revision`, and `id` ends in the revision. By project, then by short name.",
      "A term is found in any part of a word, in any case; with `project` and no `visibility` it is that project's apps. `project_owner`, of old clients, is taken.",
    ],
  },
  getApp: {
    differs: [
      "`raw.inputs` and `raw.outputs` are lists, also when the map form was uploaded: clients read lists.",
      "`sbg:image_url` is null, `sbg:sbgMaintained` false.",
    ],
    chosen: ["`sbg:content_hash` is `a` and the SHA-256 of the document without the platform's keys."],
  },
  getAppRevision: { differs: ["As the latest revision."] },
  getAppRaw: { chosen: ["Always JSON."] },
  getAppRevisionRaw: { chosen: ["Always JSON."] },
  createApp: {
    differs: [
      "`sbg:validationErrors` are those of this platform's engine: other sentences than the vendor's. As there, a broken document is stored all the same.",
      "CWL v1.0, v1.1 and v1.2 run; `sbg:draft-2` runs by being upgraded. Nextflow and WDL documents are kept and shown, and do not run (400/7017 where a task is made of one).",
    ],
    chosen: [
      "200. Short names are kept in lower case, of letters, digits, `-` and `_`; of digits alone they are 400/6011, since clients would take them for a revision.",
      "An unknown project is 404/3002; an unreadable document 400/90009, one that is no object 400/90000. At most 64 MiB.",
    ],
  },
  createAppRevision: {
    differs: ["As the first revision."],
    chosen: [
      "A number beyond the next is 400/90000, one that is taken 409/6003; of two writers one gets it. 404/6002 for a first revision other than 0.",
    ],
  },
  copyApp: {
    chosen: [
      "It takes copy at the source and write at the destination. `name` becomes the short name, the label stays.",
      "`clone` and `clone_direct` bring all revisions along, `transient` and `direct` one. The vendor's pages say so, and published copies show otherwise.",
      "A taken short name is 409/6003, an unknown strategy 400/90000.",
    ],
  },
  copyAppRevision: {
    chosen: ["As the call without a revision, but that revision alone comes along, as revision 0, whatever the strategy."],
  },
  syncApp: {
    chosen: [
      "Nothing new is 200 and no change; revisions of one's own stay, the upstream's come after them. What is no copy is 400/90000.",
    ],
  },
};
