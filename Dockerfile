FROM rust:1.95-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends nodejs npm && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN make build

FROM debian:bookworm-slim
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-15 ca-certificates && rm -rf /var/lib/apt/lists/* \
    && useradd --create-home --home-dir /var/lib/rapport rapport && mkdir /data && chown rapport /data
COPY --from=build /src/target/dist/rapport /usr/local/bin/rapport
USER rapport
VOLUME /data
EXPOSE 3000
ENV RAPPORT_DATA=/data RAPPORT_LISTEN=0.0.0.0:3000
ENTRYPOINT ["rapport"]
