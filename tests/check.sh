#!/bin/bash
# Every check of the source that is not a test. Runs them all, then says which ones failed.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/.venv/bin:$PATH"

failed=()
check() {
  local name=$1 started=$SECONDS
  shift
  printf '%-34s' "$name"
  if output=$("$@" 2>&1); then
    echo "ok ($((SECONDS - started)) s)"
  else
    echo "FAILED"
    echo "$output"
    failed+=("$name")
  fi
}

# Secrets for the production settings, made now and thrown away.
production() {
  local key
  key() { python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(48)).decode())'; }
  env PORTAL_MODE=production SECRET_KEY="$(key)" BLIND_INDEX_KEY="$(key)" LINK_KEY="$(key)" \
    FIELD_KEYS="1:$(python -c 'import base64, secrets; print(base64.b64encode(secrets.token_bytes(32)).decode())')" \
    STATE_NAME=Ministry DPO_CONTACT=privacy@portal.example ALLOWED_HOSTS=portal.example PORTAL_URL=https://portal.example \
    DATABASE_URL=postgres://micic_serving@127.0.0.1/none REDIS_URL=redis://127.0.0.1/0 "$@"
}

check "format" ruff format --check .
check "lint" ruff check .
check "types" env PORTAL_MODE=test mypy .
check "imports only go down" lint-imports
check "security lint" bandit -q -c pyproject.toml -r .
check "no migration missing" env PORTAL_MODE=test python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
check "settings fit for production" production python manage.py check --deploy --fail-level WARNING
check "translations" env PORTAL_MODE=test python manage.py check_translations

if [ ${#failed[@]} -gt 0 ]; then
  echo "FAILED: $(IFS=,; echo "${failed[*]}" | sed 's/,/, /g')" >&2
  exit 1
fi
