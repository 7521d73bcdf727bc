# farmprobe in a container; docs/deploy.md tells how to run it.
#
#   docker build -t farmprobe .
#   docker run -v "$PWD/farmprobe.yaml:/app/config/farmprobe.yaml:ro" -p 9502:9502 farmprobe
#
# Behind a package registry of your own, hand npm's settings in as a secret; no layer keeps them:
#   docker build --secret id=npmrc,src="$HOME/.npmrc" -t farmprobe .
#
# A release hands in what the labels say; see .github/workflows/release.yml.
ARG NODE_IMAGE=node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json tsconfig.json ./
# The workspace is Node itself, for checkouts; here the base image brings it.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --workspaces=false --ignore-scripts --no-audit --no-fund
COPY config config
COPY tools tools
COPY src src
RUN ["node", "tools/build.ts"]
# Compiled code, which Node keeps per user, belongs to the user who will run. The journal's folder in the image, /volume/data
# here, is the root group's as well, to which OpenShift's users belong.
RUN mkdir -p .compile-cache /volume && mkdir -m 775 data /volume/data && chown 1000:1000 data .compile-cache
ENV NODE_COMPILE_CACHE=/app/.compile-cache
USER 1000:1000
# Both compile the modules that `run` loads, and show that what was put together here works.
RUN ["node", "--max-semi-space-size=4", "--v8-pool-size=1", "dist/farmprobe.js", "check"]
RUN ["node", "--max-semi-space-size=4", "--v8-pool-size=1", "dist/farmprobe.js", "demo", "--for", "2s", "--port", "0"]

FROM ${NODE_IMAGE}
ARG VERSION=0.1.0
ARG REVISION=
ARG CREATED=
ARG BASE_DIGEST=sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
LABEL org.opencontainers.image.title="farmprobe" \
      org.opencontainers.image.description="Synthetic prober for web farms: catches 502s and cold first requests, names the node and the cause" \
      org.opencontainers.image.url="https://github.com/farmprobe/farmprobe" \
      org.opencontainers.image.source="https://github.com/farmprobe/farmprobe" \
      org.opencontainers.image.documentation="https://github.com/farmprobe/farmprobe/blob/main/docs/deploy.md" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.base.name="docker.io/library/node:24.21.0-trixie-slim" \
      org.opencontainers.image.base.digest="${BASE_DIGEST}"
# Who can install nothing has less to misuse.
RUN ["node", "-e", "for (const path of fs.globSync(['/usr/local/lib/node_modules', '/usr/local/bin/{npm,npx,corepack,yarn,yarnpkg}', '/opt/yarn-*'])) fs.rmSync(path, { recursive: true })"]
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache MALLOC_MMAP_THRESHOLD_=32768
WORKDIR /app
COPY package.json ./
COPY --from=build /app/dist dist
COPY --from=build --chown=1000:0 /volume ./
COPY --from=build --chown=1000:1000 /app/.compile-cache .compile-cache
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 9502
STOPSIGNAL SIGTERM
# Asks where config/farmprobe.yaml has it listen, over TLS and with passwords on too. Another file, or another port of the
# demo, needs the address: docker run -e FARMPROBE_HEALTH_URL=http://127.0.0.1:9600/-/healthy
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["node", "dist/farmprobe.js", "healthy"]
ENTRYPOINT ["node", "--max-semi-space-size=4", "--v8-pool-size=1", "dist/farmprobe.js"]
CMD ["run"]
