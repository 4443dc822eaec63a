# The service as a container: the serving extra and one bundle, no torch.
#
#     docker build --tag gapshot .                                    # with the bundle that models/current names
#     docker build --tag gapshot --build-arg BUNDLE=2026.11.1 .       # with another one
#     docker run --rm --publish 127.0.0.1:8000:8000 gapshot
#
# It answers whoever reaches its port (--insecure): let only the shop's own gateway reach it. See CONTRIBUTING.md.

FROM python:3.11-slim AS build
WORKDIR /build
ENV PIP_NO_CACHE_DIR=1
COPY pyproject.toml constraints.txt LICENSE ./
COPY gapshot gapshot
COPY api api
RUN python -m venv /opt/gapshot && /opt/gapshot/bin/pip install --quiet --quiet --constraint constraints.txt '.[serve]'
COPY models models
ARG BUNDLE
RUN cp -r "models/${BUNDLE:-$(cat models/current)}" /opt/gapshot/bundle

FROM python:3.11-slim
COPY --from=build /opt/gapshot /opt/gapshot
ENV PATH=/opt/gapshot/bin:$PATH GAPSHOT_BUNDLE=/opt/gapshot/bundle
# A number, not a name: orchestrators can then verify that it is not root.
USER 10001:10001
EXPOSE 8000
# http.client and not urllib, which would ask a proxy that the environment names.
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", "from http.client import HTTPConnection as C; c = C('127.0.0.1', 8000, timeout=2); c.request('GET', '/readyz'); raise SystemExit(c.getresponse().status != 200)"]
CMD ["gapshot", "serve", "--host", "0.0.0.0", "--port", "8000", "--insecure"]
