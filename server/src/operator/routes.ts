import { Type } from "typebox";
import type { BillingAdministration } from "../billing/administration.ts";
import type { DivisionService } from "../divisions/service.ts";
import type { FeedbackService } from "../feedback/service.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import { actorOf } from "../http/request-checks.ts";
import { type MaintenanceService, PLATFORM, SERVICES, type Service } from "../maintenance/service.ts";
import type { StoredBytesState } from "../scrub/state.ts";
import type { ShareWeights } from "../tasks/dispatch/weights.ts";
import type { UserService } from "../users/service.ts";
import { operatorBilling } from "./billing.ts";
import { bodyOf } from "./body.ts";
import { operatorDivisions } from "./divisions.ts";
import { presentAccount, presentFeedback } from "./present.ts";
import { operatorTrash, type Trash } from "./trash.ts";
import { operatorWeights } from "./weights.ts";

const Role = Type.Enum(["MEMBER", "ADMIN", "EXTERNAL_COLLABORATOR"]);

const NewUser = Type.Object(
  {
    username: Type.String({ minLength: 1 }),
    email: Type.Optional(Type.String({ minLength: 3 })),
    is_admin: Type.Optional(Type.Boolean()),
    first_name: Type.Optional(Type.String()),
    last_name: Type.Optional(Type.String()),
    division: Type.Optional(Type.String({ minLength: 1 })),
    role: Type.Optional(Role),
  },
  { additionalProperties: false },
);

const UserChange = Type.Object(
  {
    is_admin: Type.Optional(Type.Boolean()),
    disabled: Type.Optional(Type.Boolean()),
    role: Type.Optional(Role),
    // Entitlements: all that the user shall have. `expires_at` in Unix milliseconds.
    tags: Type.Optional(Type.Array(Type.Object({ tag: Type.String({ pattern: "\\S" }), expires_at: Type.Integer() }))),
  },
  { additionalProperties: false },
);

/** What operators see to. */
export interface OperatorServices {
  users: UserService;
  divisions: DivisionService;
  billing: BillingAdministration;
  feedback: FeedbackService;
  trash: Trash;
  maintenance: MaintenanceService;
  weights: ShareWeights;
  storedBytes: StoredBytes;
}

/** The state of what is stored. */
export interface StoredBytes {
  state(): Promise<StoredBytesState>;
  /** Reads damaged bytes again. */
  recheck(): Promise<void>;
}

type Named = { Params: { username: string } };
type OfService = { Params: { service: string } };

/**
 * The operator's API, beside the public one at `/operator`: users, their tokens, divisions, billing, feedback, what was
 * deleted, maintenance. It takes the token of a platform administrator, has no rate limit, and works while the platform
 * is closed: how else would it be opened again? Errors have the envelope and the numbers of the public API.
 */
export function operatorRoutes(
  app: App,
  { users, divisions, billing, feedback, trash, maintenance, storedBytes, weights }: OperatorServices,
): void {
  app.register(
    async (scope) => {
      scope.decorate("access", "administrator");

      scope.get("/users", async () => ({ users: (await users.list()).map(presentAccount) }));
      scope.post("/users", async (request) => {
        const { is_admin: isAdmin, ...given } = bodyOf(request, NewUser);
        const { user, token } = await users.create({ ...given, ...(isAdmin === undefined ? {} : { isAdmin }) });
        return { ...presentAccount(user), token };
      });
      scope.patch<Named>("/users/:username", async (request) => {
        const { username } = request.params;
        const { is_admin: isAdmin, disabled: isDisabled, ...others } = bodyOf(request, UserChange);
        if (username === actorOf(request).username && (isAdmin === false || isDisabled))
          throw new ApiError("badRequest", "Administrators cannot take their own rights away: another one has to.");
        const rights = { ...(isAdmin === undefined ? {} : { isAdmin }), ...(isDisabled === undefined ? {} : { isDisabled }) };
        return presentAccount(await users.change(username, { ...rights, ...others }));
      });
      scope.post<Named>("/users/:username/token", async ({ params }) => ({
        username: params.username,
        token: await users.renewToken(params.username),
      }));

      operatorDivisions(scope, divisions);
      operatorBilling(scope, billing);
      scope.get("/feedback", async () => ({ feedback: (await feedback.latest()).map(presentFeedback) }));

      operatorTrash(scope, trash);
      operatorWeights(scope, weights);

      scope.get("/stored-bytes", async () => storedBytes.state());
      scope.post("/stored-bytes/check", async () => {
        await storedBytes.recheck();
        return storedBytes.state();
      });

      scope.get("/maintenance", async () => stateOf(maintenance));
      scope.put<OfService>("/maintenance/:service", async ({ params }) => {
        await maintenance.close(serviceNamed(params.service));
        return stateOf(maintenance);
      });
      scope.delete<OfService>("/maintenance/:service", async ({ params }) => {
        await maintenance.open(serviceNamed(params.service));
        return stateOf(maintenance);
      });
    },
    { prefix: "/operator" },
  );
}

const stateOf = (maintenance: MaintenanceService) => ({
  closed: maintenance.state(),
  services: [PLATFORM, ...Object.keys(SERVICES)],
});

function serviceNamed(name: string): Service | typeof PLATFORM {
  if (name === PLATFORM || Object.hasOwn(SERVICES, name)) return name as Service | typeof PLATFORM;
  throw new ApiError("notFound", `There is no service ${name}: ${[PLATFORM, ...Object.keys(SERVICES)].join(", ")}.`);
}
