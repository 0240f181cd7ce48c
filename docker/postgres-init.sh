#!/bin/bash
# Run once by the PostgreSQL image on an empty volume: one role owns the database and its tables,
# another serves the portal and owns nothing.
set -euo pipefail

psql --username "$POSTGRES_USER" --dbname postgres --no-psqlrc --set ON_ERROR_STOP=1 \
  --set owner_password="$(cat /run/secrets/owner_password)" \
  --set serving_password="$(cat /run/secrets/serving_password)" <<'SQL'
CREATE ROLE micic_owner LOGIN PASSWORD :'owner_password';
CREATE ROLE micic_serving LOGIN PASSWORD :'serving_password';
CREATE DATABASE micic OWNER micic_owner;
REVOKE ALL ON DATABASE micic FROM PUBLIC;
GRANT CONNECT ON DATABASE micic TO micic_serving;
SQL
