#!/bin/bash
# Makes the secrets that docker-compose.yml mounts, in the folder secrets/, each a random one of
# this machine's own. Keeps those that are already there.
set -euo pipefail
umask 077
cd "$(dirname "$0")/.."
mkdir -p secrets

random() { head -c "$1" /dev/urandom | base64 -w 0; }
password() { head -c 32 /dev/urandom | od -An -v -tx1 | tr -d ' \n'; }
secret() {
  if [ ! -s "secrets/$1" ]; then
    printf '%s' "$2" >"secrets/$1"
    echo "made secrets/$1"
  fi
  # The folder is closed to others; the container's own user must be able to read the file.
  chmod 444 "secrets/$1"
}

secret secret_key "$(random 48)"
secret field_keys "1:$(random 32)"
secret blind_index_key "$(random 32)"
secret link_key "$(random 32)"
secret postgres_password "$(password)"
secret owner_password "$(password)"
secret serving_password "$(password)"
secret database_url "postgres://micic_serving:$(cat secrets/serving_password)@postgres/micic"
secret database_owner_url "postgres://micic_owner:$(cat secrets/owner_password)@postgres/micic"
for name in email_host_password sms_gateway_token; do
  [ -e "secrets/$name" ] || : >"secrets/$name"
  chmod 444 "secrets/$name"
  [ -s "secrets/$name" ] || echo "secrets/$name is empty: write your provider's into it"
done
