import { type Static, Type } from "typebox";
import { Answer, Nullable, Strict, Timestamp } from "../forms.ts";
import { Username } from "../users/shapes.ts";

/** Who looks at the UI, and what its calls need. */
export const Session = Answer({
  user: Nullable(
    Answer({
      username: Username,
      email: Type.String(),
      first_name: Type.String(),
      last_name: Type.String(),
      is_admin: Type.Boolean({ description: "Whether the user operates the platform." }),
      has_password: Type.Boolean({ description: "Whether the user can sign in with one." }),
    }),
    "Null for whoever is not signed in.",
  ),
  csrf_token: Nullable(Type.String(), "The header `X-CSRF-Token` of every call that changes something in this session."),
  closed: Type.Boolean({ description: "Whether the platform is under maintenance." }),
});
export type Session = Static<typeof Session>;

export const SignIn = Type.Object(
  { username: Type.String({ minLength: 1, maxLength: 300 }), password: Type.String({ minLength: 1, maxLength: 1000 }) },
  Strict,
);

/** What a link that works once is good for. */
export const LinkPurpose = Type.Enum(["password", "sign-in"], {
  description: "`password`: sets the user's password and signs in; `sign-in`: signs in.",
});

export const OpenLink = Type.Object(
  {
    link: Type.String({ minLength: 1, maxLength: 200, description: "The secret of the link: what follows its `#`." }),
    password: Type.Optional(Type.String({ maxLength: 1000, description: "The new one, for a link that sets it." })),
  },
  Strict,
);

/** Without a password a link that sets one only tells whose it is, and stays good. */
export const OpenedLink = Answer({
  session: Nullable(Session, "Null while a password is wanted."),
  password_for: Nullable(Username, "Whose password the link sets, while it is wanted."),
});

export const Sessions = Answer({
  sessions: Type.Array(
    Answer({
      id: Type.String({ description: "Names it when it is ended." }),
      created_on: Timestamp("When the user signed in."),
      used_on: Timestamp("When it was used last, to the minute."),
      browser: Type.String({ description: "How the browser named itself." }),
      address: Type.String({ description: "Where it signed in from." }),
      is_this: Type.Boolean({ description: "Whether it is the one that asks." }),
    }),
    { description: "The used ones first." },
  ),
});

export const PasswordChange = Type.Object(
  {
    current: Type.Optional(Type.String({ maxLength: 1000, description: "Needed where there is one." })),
    password: Type.String({ maxLength: 1000, description: "The new one." }),
  },
  Strict,
);

/** What an operator asks a link for. */
export const NewLink = Type.Object({ purpose: Type.Optional(LinkPurpose) }, Strict);

export const MadeLink = Answer({
  username: Username,
  purpose: LinkPurpose,
  url: Type.String({ description: "Works once, in a browser." }),
  expires_on: Timestamp("When it ends unused."),
});
