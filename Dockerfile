# One node. Without DATABASE_URL it keeps an embedded database under /data.
FROM node:24-slim

ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080 DATA_DIR=/data
WORKDIR /app

# The packages first: they change less often than the source. None of them needs its install script.
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts && npm cache clean --force

COPY bin ./bin
COPY contexts ./contexts
COPY migrations ./migrations
COPY src ./src

# The embedded database's smaller PostGIS, which the node itself could not write here.
RUN node --input-type=module -e 'const { slimBundle } = await import("./src/db/postgis-bundle.ts"); await slimBundle(new URL("postgis.tar.gz", import.meta.resolve("@electric-sql/pglite-postgis")))'

RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8080

HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# The command itself handles SIGTERM: it drains and closes.
CMD ["node", "src/main.ts", "serve"]
