# Types, lint and format, import rules, unused code and dependencies.
exec npm run --silent check
