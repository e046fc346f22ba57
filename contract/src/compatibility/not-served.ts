import type { NotServed } from "./comparison.ts";

/** What the Seven Bridges API has, or its clients call, and this platform does not answer: each is 404/90003. */
export const NOT_SERVED: readonly NotServed[] = [
  {
    title: "Automations",
    calls: [
      "GET|POST /automation/automations",
      "GET|PATCH /automation/automations/{automation}",
      "POST /automation/automations/{automation}/actions/{action}",
      "GET|POST /automation/automations/{automation}/members",
      "GET|PATCH|DELETE /automation/automations/{automation}/members/{username}",
      "GET|POST /automation/automations/{automation}/packages",
      "GET|PATCH /automation/packages/{package}",
      "POST /automation/packages/{package}/actions/{action}",
      "GET|POST /automation/runs",
      "GET|PATCH /automation/runs/{run}",
      "POST /automation/runs/{run}/actions/{action}",
      "GET /automation/runs/{run}/state",
      "POST /automation/upload",
      "GET|DELETE /automation/upload/{upload}",
      "GET /automation/upload/{upload}/part/{part}",
      "POST /automation/upload/{upload}/part",
      "POST /automation/upload/{upload}/complete",
    ],
    why: "The vendor's own service for scripts that drive tasks; only its Python client shows the calls. A script that drives tasks runs on any machine against this API.",
  },
  {
    title: "Data sets",
    calls: [
      "GET /datasets",
      "GET /datasets/{owner}",
      "GET|PATCH|DELETE /datasets/{owner}/{dataset}",
      "GET|POST /datasets/{owner}/{dataset}/members",
      "GET|DELETE /datasets/{owner}/{dataset}/members/{username}",
      "PATCH /datasets/{owner}/{dataset}/members/{username}/permissions",
    ],
    why: "Collections that the vendor hosts; only its Python client shows the calls.",
  },
];
