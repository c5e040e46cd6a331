#!/bin/sh
# Runs once, when the database container makes its data: the owner of the schema, the runtime role, and the role
# of marketing figures, which signs in nowhere: the runtime role becomes it for a marketing report.
set -eu
psql -v ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
  -v owner_password="$LEADCRM_OWNER_PASSWORD" -v runtime_password="$LEADCRM_RUNTIME_PASSWORD" <<'SQL'
CREATE ROLE leadcrm_owner LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB
  PASSWORD :'owner_password';
CREATE ROLE leadcrm_app LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB
  PASSWORD :'runtime_password';
CREATE ROLE leadcrm_marketing NOLOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS NOCREATEDB;
GRANT leadcrm_marketing TO leadcrm_app WITH INHERIT FALSE, SET TRUE;
CREATE DATABASE leadcrm OWNER leadcrm_owner;
SQL
