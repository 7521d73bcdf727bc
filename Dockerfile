# farmprobe in a container.
#
#   docker build -t farmprobe .
#   docker run -v "$PWD/farmprobe.yaml:/app/config/farmprobe.yaml:ro" -p 9502:9502 farmprobe
#
# Behind a package registry of your own, hand npm's settings in as a secret; no layer keeps them:
#   docker build --secret id=npmrc,src="$HOME/.npmrc" -t farmprobe .

FROM node:24-trixie-slim AS build
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY package.json package-lock.json ./
# The optional dependencies are Node itself, for checkouts; here the base image brings it.
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc \
    npm ci --omit=dev --omit=optional --ignore-scripts --no-audit --no-fund
COPY config config
COPY src src
# The journal's folder, and compiled code, which Node keeps per user: both belong to the user who will run.
RUN mkdir -p data .compile-cache && chown 1000:1000 data .compile-cache
USER 1000:1000
# Both compile the modules that `run` loads, and show that what was put together here works.
RUN ["node", "--max-semi-space-size=2", "src/main.ts", "check"]
RUN ["node", "--max-semi-space-size=2", "src/main.ts", "demo", "--for", "2s", "--port", "0"]

FROM node:24-trixie-slim
LABEL org.opencontainers.image.title="farmprobe" \
      org.opencontainers.image.description="Synthetic prober for web farms: catches 502s and cold first requests, names the node and the cause" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.base.name="node:24-trixie-slim"
ENV NODE_ENV=production NODE_COMPILE_CACHE=/app/.compile-cache
WORKDIR /app
COPY --from=build /app/node_modules node_modules
COPY package.json ./
COPY src src
COPY --from=build --chown=1000:1000 /app/data data
COPY --from=build --chown=1000:1000 /app/.compile-cache .compile-cache
# By number, so that Kubernetes can see that it is not root.
USER 1000:1000
EXPOSE 9502
# Asks where config/farmprobe.yaml has it listen, over TLS and with passwords on too. Another file, or another port of the
# demo, needs the address: docker run -e FARMPROBE_HEALTH_URL=http://127.0.0.1:9600/-/healthy
HEALTHCHECK --interval=30s --timeout=5s --start-period=15s --retries=3 \
    CMD ["node", "src/main.ts", "healthy"]
ENTRYPOINT ["node", "--max-semi-space-size=2", "src/main.ts"]
CMD ["run"]
