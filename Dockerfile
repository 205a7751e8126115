# Targets: `service` (the API and the worker, for production), `sandbox` (the local AWS) and `tools` (set-up and
# demonstration of docker-compose.yml). Everything runs as the user `node`, who owns none of the program's files.

FROM node:24-slim AS base
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM base AS packages
RUN npm ci --include=dev --include=optional --no-audit --no-fund

FROM packages AS build
COPY tsconfig.json nest-cli.json .swcrc ./
COPY apps apps
COPY libs libs
RUN npm run -s build

FROM base AS production-packages
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund

FROM node:24-slim AS service
ENV NODE_ENV=production
WORKDIR /app
COPY package.json ./
COPY --from=production-packages /app/node_modules node_modules
COPY --from=build /app/dist/openapi.json dist/openapi.json
COPY --from=build /app/dist/libs dist/libs
COPY --from=build /app/dist/apps/api dist/apps/api
COPY --from=build /app/dist/apps/worker dist/apps/worker
USER node
EXPOSE 8420
# Without --disable-sigusr1 a signal could open a debugger, and with it every key in memory.
ENTRYPOINT ["node", "--disable-sigusr1", "--enable-source-maps"]
CMD ["dist/apps/api/src/main.js"]

FROM node:24-slim AS sandbox
WORKDIR /app
COPY package.json ./
COPY --from=build /app/dist/apps/aws-sandbox dist/apps/aws-sandbox
RUN install -d -o node -g node -m 700 /state
USER node
VOLUME /state
ENV KEYHOLD_SANDBOX_DATA_DIR=/state
EXPOSE 8421
CMD ["node", "--enable-source-maps", "dist/apps/aws-sandbox/src/main.js"]

FROM packages AS tools
COPY scripts scripts
RUN install -d -o node -g node -m 700 /state /settings/api /settings/worker /settings/migrate
USER node
ENTRYPOINT ["node"]
