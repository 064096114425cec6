#!/bin/sh
# Runs once, when the database volume is new: the roles and their database.
set -eu
psql --no-psqlrc --quiet --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set owner="$DATABASE_OWNER_PASSWORD" --set app="$DATABASE_APP_PASSWORD" \
    --set report="$DATABASE_REPORT_PASSWORD" --set sealer="$DATABASE_SEALER_PASSWORD" \
    --set auth="$DATABASE_AUTH_PASSWORD" <<'SQL'
CREATE ROLE guifan_owner LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'owner';
CREATE ROLE guifan_app LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'app';
CREATE ROLE guifan_report LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'report';
ALTER ROLE guifan_report SET statement_timeout = '120s';
ALTER ROLE guifan_report SET default_transaction_read_only = on;
CREATE ROLE guifan_auth LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'auth';
ALTER ROLE guifan_auth SET statement_timeout = '10s';
ALTER ROLE guifan_auth SET lock_timeout = '5s';
CREATE ROLE guifan_sealer LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE PASSWORD :'sealer';
CREATE DATABASE guifan OWNER guifan_owner;
SQL
