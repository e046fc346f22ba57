import { OPERATOR_OPERATIONS } from "@causeway/contract";
import type { BillingAdministration } from "../billing/administration.ts";
import type { DivisionService } from "../divisions/service.ts";
import type { FeedbackService } from "../feedback/service.ts";
import type { App } from "../http/app.ts";
import type { BodyLimits } from "../http/body-limits.ts";
import { ApiError } from "../http/errors.ts";
import type { Links } from "../http/links.ts";
import { createStrictCalls, type StrictCalls } from "../http/strict-calls.ts";
import { type MaintenanceService, PLATFORM, SERVICES, type Service } from "../maintenance/service.ts";
import type { StoredBytesState } from "../scrub/state.ts";
import type { SecretRotation } from "../secrets/rotation.ts";
import type { SessionService } from "../sessions/service.ts";
import type { ShareWeights } from "../tasks/dispatch/weights.ts";
import type { UserService } from "../users/service.ts";
import type { VolumeCheck } from "../volumes/check-volumes.ts";
import { operatorBilling } from "./billing.ts";
import { operatorDivisions } from "./divisions.ts";
import { operatorLinks } from "./links.ts";
import { presentAccount, presentFeedback } from "./present.ts";
import { operatorTrash, type Trash } from "./trash.ts";
import { operatorWeights } from "./weights.ts";

/** What operators see to. */
export interface OperatorServices {
  users: UserService;
  divisions: DivisionService;
  billing: BillingAdministration;
  feedback: FeedbackService;
  trash: Trash;
  maintenance: MaintenanceService;
  weights: ShareWeights;
  sessions: SessionService;
  storedBytes: StoredBytes;
  secrets: SecretRotation;
  volumes: VolumeCheck;
}

/** The state of what is stored. */
export interface StoredBytes {
  state(): Promise<StoredBytesState>;
  /** Reads damaged bytes again. */
  recheck(): Promise<void>;
}

export interface OperatorRouteDeps {
  links: Links;
  limits: BodyLimits;
}

/** The operator's API at `/operator` ({@link OPERATOR_OPERATIONS}). Errors have the envelope and the numbers of the public API. */
export function operatorRoutes(app: App, services: OperatorServices, { links, limits }: OperatorRouteDeps): void {
  app.register(
    async (scope) => {
      scope.decorate("access", "administrator");
      const calls = createStrictCalls(scope, limits);
      operatorUsers(calls, services.users);
      operatorLinks(calls, services.sessions, links);
      operatorDivisions(calls, services.divisions);
      operatorBilling(calls, services.billing);
      operatorTrash(calls, services.trash);
      operatorWeights(calls, services.weights);
      operatorMaintenance(calls, services.maintenance);

      const { feedback, storedBytes, secrets, volumes } = services;
      calls.serve(OPERATOR_OPERATIONS.listFeedback, async () => ({ feedback: (await feedback.latest()).map(presentFeedback) }));
      calls.serve(OPERATOR_OPERATIONS.getStoredBytes, async () => storedBytes.state());
      calls.serve(OPERATOR_OPERATIONS.checkStoredBytes, async () => {
        await storedBytes.recheck();
        return storedBytes.state();
      });
      calls.serve(OPERATOR_OPERATIONS.rotateSecrets, () => secrets.rotate());
      calls.serve(OPERATOR_OPERATIONS.checkVolumes, async () => ({ volumes: await volumes.all() }));
    },
    { prefix: "/operator" },
  );
}

function operatorUsers(calls: StrictCalls, users: UserService): void {
  const { listAccounts, createAccount, changeAccount, renewToken } = OPERATOR_OPERATIONS;
  calls.serve(listAccounts, async () => ({ users: (await users.list()).map(presentAccount) }));
  calls.serve(createAccount, async ({ body: { is_admin: isAdmin, ...given } }) => {
    const { user, token } = await users.create({ ...given, ...(isAdmin === undefined ? {} : { isAdmin }) });
    return { ...presentAccount(user), token };
  });
  calls.serve(
    changeAccount,
    async ({ actor, params: { username }, body: { is_admin: isAdmin, disabled: isDisabled, ...others } }) => {
      if (username === actor.username && (isAdmin === false || isDisabled))
        throw new ApiError("badRequest", "Administrators cannot take their own rights away: another one has to.");
      const rights = { ...(isAdmin === undefined ? {} : { isAdmin }), ...(isDisabled === undefined ? {} : { isDisabled }) };
      return presentAccount(await users.change(username, { ...rights, ...others }));
    },
  );
  calls.serve(renewToken, async ({ params: { username } }) => ({ username, token: await users.renewToken(username) }));
}

function operatorMaintenance(calls: StrictCalls, maintenance: MaintenanceService): void {
  calls.serve(OPERATOR_OPERATIONS.getMaintenance, async () => stateOf(maintenance));
  calls.serve(OPERATOR_OPERATIONS.closeService, async ({ params }) => {
    await maintenance.close(serviceNamed(params.service));
    return stateOf(maintenance);
  });
  calls.serve(OPERATOR_OPERATIONS.openService, async ({ params }) => {
    await maintenance.open(serviceNamed(params.service));
    return stateOf(maintenance);
  });
}

const stateOf = (maintenance: MaintenanceService) => ({
  closed: maintenance.state(),
  services: [PLATFORM, ...Object.keys(SERVICES)],
});

function serviceNamed(name: string): Service | typeof PLATFORM {
  if (name === PLATFORM || Object.hasOwn(SERVICES, name)) return name as Service | typeof PLATFORM;
  throw new ApiError("notFound", `There is no service ${name}: ${[PLATFORM, ...Object.keys(SERVICES)].join(", ")}.`);
}
