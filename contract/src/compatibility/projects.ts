import type { Comparisons } from "./comparison.ts";

/** users-billing-projects.md §C-E. */
export const PROJECTS: Comparisons<"projects"> = {
  listProjects: {
    chosen: [
      "Newest first. Public projects of others are not listed. `category` is compared in any case; empty names and tags are ignored.",
    ],
  },
  listProjectsOfOwner: { chosen: ["An unknown owner is an empty list."] },
  createProject: {
    differs: [
      "`settings.location` is always `local:main`, whichever is asked for: there is one place, and scripts send those of the vendor's regions.",
      "`use_interruptible_instances` decides the price alone: nothing interrupts jobs here. `use_elastic_disk` is kept and shown: a disk is a price, and nothing grows.",
      "With `use_memoization` a job takes over what the same job made in the same project, as long as `intermediate_files.duration` keeps it; the vendor's rules for when two jobs are the same are not public.",
      "`type` `v1` is refused (400/3010): there are no legacy projects.",
    ],
    chosen: [
      "The short name: lower case, accents dropped, every run of other characters one `-`, at most 100 characters; a taken one gets `_1`, `_2`, ….",
      "A tag with a comma is refused (400/90000): no filter could name it.",
      "`billing_group` left out takes the caller's first group in force. External collaborators of a division make no projects (403/3001). `category` is ignored.",
      "`allow_network_access` is true unless said, and decides whether jobs whose app asks for the network get it. `controlled` asks new members for the entitlement `controlled-data`.",
    ],
  },
  getProject: { chosen: ["A `PUBLIC` project can be read by every user, whose permissions then show read and copy."] },
  updateProject: {
    chosen: [
      "A change that holds anything besides the description needs admin, and fails as a whole without. `controlled` cannot be taken back; another `location` or an unknown value is 400/90000.",
      "`category` can be changed to `PUBLIC` and back by operators of the platform who administer the project (else 403/3001).",
    ],
  },
  deleteProject: {
    differs: [
      "204. Operators can restore a deleted project for a while (14 days unless set otherwise); for the API it is gone at once, and its id is free.",
    ],
    chosen: ["Queued and running tasks are aborted; what was charged stays."],
  },
  listMembers: { chosen: ["Teams and divisions are listed as such, not as the people in them."] },
  addMember: {
    chosen: [
      "With both `username` and `email` the username counts. Without `permissions` 400/3011. A permission left out is false, `read` is always true.",
      "An unknown user is 404/2002, an unknown team or division 404/3002; users of a division add its teams.",
    ],
  },
  getMember: {},
  removeMember: {
    chosen: [
      "A member may leave. The last user who administers the project stays (409/90007).",
      "Access ends at once, also by addresses of parts and of downloads that were given out before. A task of theirs that has begun goes on and is the project's; one that still waits fails when its turn comes. The same holds when a permission is taken back or a user is disabled.",
    ],
  },
  getMemberPermissions: { added: "No source documents it; it answers the five booleans that `PATCH` and `PUT` answer." },
  changeMemberPermissions: {
    chosen: [
      "`admin: true` implies the other four; taking it back leaves them. The last user who administers the project keeps it (409/90007).",
    ],
  },
  replaceMemberPermissions: { chosen: ["As `PATCH`, with all five keys (400/3013)."] },
};
