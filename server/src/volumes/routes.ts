import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentVolumeMember } from "./members/present.ts";
import type { VolumeMemberService } from "./members/service.ts";
import { presentObject, presentPage } from "./objects/present.ts";
import type { VolumeObjectService } from "./objects/service.ts";
import { presentVolume } from "./present.ts";
import type { VolumeService } from "./service.ts";

export function volumeRoutes(
  calls: Calls,
  { volumes, objects, members }: { volumes: VolumeService; objects: VolumeObjectService; members: VolumeMemberService },
  links: Links,
): void {
  calls.serve(OPERATIONS.listVolumes, async ({ actor, page }) => {
    const { items, total } = await volumes.list(actor, page);
    return { items: items.map((volume) => presentVolume(volume, links)), total };
  });
  calls.serve(OPERATIONS.createVolume, async ({ actor, body }) => presentVolume(await volumes.create(actor, body), links));
  calls.serve(OPERATIONS.getVolume, async ({ actor, params }) => presentVolume(await volumes.get(actor, params), links));
  calls.serve(OPERATIONS.updateVolume, async ({ actor, params, query, body }) =>
    presentVolume(await volumes.update(actor, params, query, body), links),
  );
  calls.serve(OPERATIONS.deleteVolume, ({ actor, params }) => volumes.delete(actor, params));

  calls.serve(OPERATIONS.listVolumeObjects, async ({ actor, params, query, givenFields }) => {
    let limit = 50;
    let token: string | undefined;
    const page = await objects.list(actor, params, () => {
      const given = query();
      limit = Math.min(given.limit ?? limit, 100);
      token = given.continuation_token;
      return { prefix: given.prefix ?? "", token, limit };
    });
    return presentPage(page, { limit, token, fields: givenFields, links });
  });
  calls.serve(OPERATIONS.getVolumeObject, async ({ actor, params, query }) => {
    const { volume, object } = await objects.get(actor, params, () => query().location);
    return presentObject(volume, object, links);
  });

  memberRoutes(calls, members, links);
}

function memberRoutes(calls: Calls, members: VolumeMemberService, links: Links): void {
  calls.serve(OPERATIONS.listVolumeMembers, async ({ actor, params, page }) => {
    const { items, total } = await members.list(actor, params, page);
    return { items: items.map((member) => presentVolumeMember(member, links)), total };
  });
  calls.serve(OPERATIONS.addVolumeMember, async ({ actor, params, body }) =>
    presentVolumeMember(await members.add(actor, params, body), links),
  );
  calls.serve(OPERATIONS.getVolumeMember, async ({ actor, params }) =>
    presentVolumeMember(await members.get(actor, params, params.username), links),
  );
  calls.serve(OPERATIONS.removeVolumeMember, ({ actor, params }) => members.remove(actor, params, params.username));
  calls.serve(OPERATIONS.changeVolumePermissions, ({ actor, params, body }) =>
    members.change(actor, params, params.username, body),
  );
  calls.serve(OPERATIONS.replaceVolumePermissions, ({ actor, params, body }) =>
    members.replace(actor, params, params.username, body),
  );
}
