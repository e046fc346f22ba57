# The whole test suite on the embedded PostgreSQL, from a checkout in which nothing has been installed.
exec npm test --silent
