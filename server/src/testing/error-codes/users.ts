import { closed, type ErrorCase } from "./error-case.ts";

const accounts = (url: string) => new URL("/operator/users", url).href;

export const USERS: readonly ErrorCase[] = [
  closed(2000, "users", "/user"),
  { code: 2001, when: "a stranger's account is read", raise: ({ world }) => world.get("ben", "/users/ana") },
  { code: 2002, when: "nobody has that name", raise: ({ world }) => world.get("admin", "/users/nobody") },
  {
    code: 2003,
    when: "an operator makes a user whose name is taken",
    raise: ({ world }) => world.post("admin", accounts(world.url), { username: "ana" }),
  },
  { code: 2105, when: "users are listed of no division", raise: ({ world }) => world.get("ana", "/users") },
];
