/** What to try next on the platform that serves `url`, ready for pasting. `link` opens a browser signed in, once. */
export const nextSteps = (url: string, token: string, link: string | undefined): string => `
${link === undefined ? "" : `Look at it in a browser (the link works once and signs you in as ana):\n\n  ${link}\n`}
The platform serves ${url}
Token of ana:       ${token}

Try it in another terminal:

  export SB_API_ENDPOINT=${url} SB_AUTH_TOKEN=${token}

  npx causeway file list ana/quickstart
  npx causeway task list ana/quickstart
  npx causeway upload README.md --project ana/quickstart
  curl -H "X-SBG-Auth-Token: $SB_AUTH_TOKEN" $SB_API_ENDPOINT/user

Python (pip install sevenbridges-python; address and token come from the two variables above):

  import sevenbridges as sbg
  api = sbg.Api()
  for task in api.tasks.query(project="ana/quickstart").all():
      print(task.name, task.status)

Ctrl-C stops the platform; its data stays, and the next start is quick.
`;
