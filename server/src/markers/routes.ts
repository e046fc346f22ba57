import { OPERATIONS } from "@causeway/contract";
import type { Calls } from "../http/calls.ts";
import type { Links } from "../http/links.ts";
import { presentMarker } from "./present.ts";
import type { MarkerService } from "./service.ts";

export function markerRoutes(calls: Calls, markers: MarkerService, links: Links): void {
  calls.serve(OPERATIONS.listMarkers, async ({ actor, query, page }) => {
    const { items, total } = await markers.list(actor, query, page);
    return { items: items.map((marker) => presentMarker(marker, links)), total };
  });
  calls.serve(OPERATIONS.createMarker, async ({ actor, body }) => presentMarker(await markers.create(actor, body), links));
  calls.serve(OPERATIONS.getMarker, async ({ actor, params }) => presentMarker(await markers.get(actor, params.marker), links));
  calls.serve(OPERATIONS.updateMarker, async ({ actor, params, body }) =>
    presentMarker(await markers.update(actor, params.marker, body), links),
  );
  calls.serve(OPERATIONS.deleteMarker, ({ actor, params }) => markers.delete(actor, params.marker));
}
