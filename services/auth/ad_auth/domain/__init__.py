"""Rules of identity: roles, accounts, credentials, sessions, keys that sign."""
