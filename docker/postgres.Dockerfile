# PostgreSQL 17 with what a node needs: PostGIS and pgvector (pg_trgm, btree_gist and unaccent come along).
FROM postgres:17

RUN apt-get update \
  && apt-get install --yes --no-install-recommends postgresql-17-postgis-3 postgresql-17-pgvector \
  && rm -rf /var/lib/apt/lists/*
