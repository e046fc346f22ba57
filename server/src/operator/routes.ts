import type { FastifyRequest } from "fastify";
import { type Static, type TSchema, Type } from "typebox";
import Value from "typebox/value";
import type { Actor } from "../http/actor.ts";
import type { App } from "../http/app.ts";
import { ApiError } from "../http/errors.ts";
import { decodeJson, mediaTypeOf } from "../http/media.ts";
import { type MaintenanceService, PLATFORM, SERVICES, type Service } from "../maintenance/service.ts";
import type { UserService } from "../users/service.ts";
import { presentAccount } from "./present.ts";

const NewUser = Type.Object(
  {
    username: Type.String({ minLength: 1 }),
    email: Type.Optional(Type.String({ minLength: 3 })),
    is_admin: Type.Optional(Type.Boolean()),
    first_name: Type.Optional(Type.String()),
    last_name: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

const UserChange = Type.Object(
  { is_admin: Type.Optional(Type.Boolean()), disabled: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

type Named = { Params: { username: string } };
type OfService = { Params: { service: string } };

/**
 * The operator's API, beside the public one at `/operator`: users, their tokens, maintenance. It takes the token of a
 * platform administrator, has no rate limit, and works while the platform is closed: how else would it be opened again?
 * Errors have the envelope and the numbers of the public API.
 */
export function operatorRoutes(app: App, users: UserService, maintenance: MaintenanceService): void {
  app.register(
    async (scope) => {
      scope.addHook("onRequest", async (request) => {
        request.actor = await administrator(request, users);
      });

      scope.get("/users", async () => ({ users: (await users.list()).map(presentAccount) }));
      scope.post("/users", async (request) => {
        const { is_admin: isAdmin, ...given } = bodyOf(request, NewUser);
        const { user, token } = await users.create({ ...given, ...(isAdmin === undefined ? {} : { isAdmin }) });
        return { ...presentAccount(user), token };
      });
      scope.patch<Named>("/users/:username", async (request) => {
        const { username } = request.params;
        const { is_admin: isAdmin, disabled: isDisabled } = bodyOf(request, UserChange);
        if (username === request.actor!.username && (isAdmin === false || isDisabled))
          throw new ApiError("badRequest", "Administrators cannot take their own rights away: another one has to.");
        const change = { ...(isAdmin === undefined ? {} : { isAdmin }), ...(isDisabled === undefined ? {} : { isDisabled }) };
        return presentAccount(await users.change(username, change));
      });
      scope.post<Named>("/users/:username/token", async ({ params }) => ({
        username: params.username,
        token: await users.renewToken(params.username),
      }));

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

async function administrator(request: FastifyRequest, users: UserService): Promise<Actor> {
  const token = request.headers["x-sbg-auth-token"];
  const actor = typeof token === "string" ? await users.authenticate(token) : undefined;
  if (!actor) throw new ApiError("unauthorized");
  if (!actor.isAdmin) throw new ApiError("forbidden", "This needs the token of a platform administrator.");
  return actor;
}

const stateOf = (maintenance: MaintenanceService) => ({
  closed: maintenance.state(),
  services: [PLATFORM, ...Object.keys(SERVICES)],
});

function serviceNamed(name: string): Service | typeof PLATFORM {
  if (name === PLATFORM || Object.hasOwn(SERVICES, name)) return name as Service | typeof PLATFORM;
  throw new ApiError("notFound", `There is no service ${name}: ${[PLATFORM, ...Object.keys(SERVICES)].join(", ")}.`);
}

function bodyOf<Schema extends TSchema>(request: FastifyRequest, schema: Schema): Static<Schema> {
  const bytes = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0);
  const body = decodeJson(bytes, mediaTypeOf(request.headers["content-type"]));
  if (Value.Check(schema, body)) return body as Static<Schema>;
  const [first] = Value.Errors(schema, body);
  throw new ApiError("badRequest", first ? `body${first.instancePath} ${first.message}` : "The body does not fit.");
}
